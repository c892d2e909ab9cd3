"""When two addresses are the same (2.4)."""

import re
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from peoplefeed.rules import emails
from peoplefeed.rules.emails import InvalidEmail, email_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Ana@X.es", "ana@x.ES", id="2.4-capitals"),
        pytest.param(" ana@x.es ", "ana@x.es", id="2.4-spaces-around"),
        pytest.param("jose\u0301@x.es", "jos\u00e9@x.es", id="2.4-nfc"),
        pytest.param("\uff41na@x.es", "ana@x.es", id="2.4-nfkc-of-the-local-part"),
        pytest.param("ana@m\u00fcnchen.de", "ana@xn--mnchen-3ya.de", id="2.4-idna-a-labels"),
    ],
)
def test_these_addresses_are_the_same(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("stra\u00dfe@x.es", "strasse@x.es", id="2.4-lower-cased-not-case-folded"),
        pytest.param("ana.sol@x.es", "anasol@x.es", id="2.4-dots-count"),
        pytest.param("ana+1@x.es", "ana@x.es", id="2.4-tags-count"),
    ],
)
def test_these_addresses_differ(one: str, other: str) -> None:
    assert email_key(one) != email_key(other)


@pytest.mark.parametrize(
    "text", ["", "@", "a@", "@x.es", "a b@x.es", "a@x..es", "a@-x.es", "a@x.es.", "a@@x.es", "a@x"]
)
def test_these_are_no_addresses(text: str) -> None:
    with pytest.raises(InvalidEmail):
        email_key(text)


@given(st.text(alphabet=string.ascii_letters + string.digits + ".-_+@'%!", min_size=3, max_size=40))
@settings(max_examples=2000, deadline=None)
@example("a@xn--a.es")
@example("a@ab--c.es")
@example("a@b.1e")
@example("a@x.es\n")
def test_the_fast_path_accepts_only_what_the_library_does(text: str) -> None:
    fast = emails._PLAIN.fullmatch(text.lower())
    if fast and re.search("@", text):
        assert emails._checked_key(text) == text.lower()
