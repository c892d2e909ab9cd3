from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim2_models import Context, EnterpriseUser, User

from peoplefeed.learning_platform.mapping import (
    has_placeholder,
    same_name,
    user_of,
    with_placeholder,
    without_emails,
)

TEXT = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
# scim2-models takes addresses in fewer domains than we do, and lowers capitals in them.
ADDRESSES = st.from_regex(r"[A-Za-z0-9]{1,20}@[a-z]{2,9}\.org", fullmatch=True)
PEOPLE = st.fixed_dictionaries(
    {"external_id": st.text(st.characters(exclude_categories=["Cs"]), min_size=1), "active": st.booleans()},
    optional={
        "first_name": TEXT,
        "last_name": TEXT,
        "email": st.one_of(st.none(), ADDRESSES),
        "job_title": TEXT,
        "department": TEXT,
        "business_unit_id": TEXT,
        "profile": st.sampled_from(["employee", "manager", "training-manager", "administrator"]),
    },
)
ANNA: dict[str, Any] = {
    "external_id": "E1",
    "first_name": "Anna",
    "last_name": "Li",
    "email": "Anna@x.org",
    "job_title": "Chef",
    "department": "Kitchen",
    "business_unit_id": "U1",
    "profile": "training-manager",
    "active": True,
}


@given(PEOPLE)
def test_what_is_sent_is_scim_and_nothing_of_it_is_lost(person: dict[str, Any]) -> None:
    user = user_of(person)
    model = User[EnterpriseUser].model_validate(user, scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    assert model.model_dump(scim_ctx=Context.RESOURCE_CREATION_REQUEST) == user


def test_every_field_has_its_place() -> None:
    model = User[EnterpriseUser].model_validate(user_of(ANNA))
    enterprise = model[EnterpriseUser]
    assert enterprise
    assert model.name
    assert model.emails
    assert model.roles
    assert (model.external_id, model.user_name, model.active, model.title) == ("E1", "Anna@x.org", True, "Chef")
    assert (model.name.given_name, model.name.family_name) == ("Anna", "Li")
    assert [(email.value, email.primary) for email in model.emails] == [("Anna@x.org", True)]
    assert [role.value for role in model.roles] == ["training-manager"]
    assert (enterprise.employee_number, enterprise.department, enterprise.organization) == ("E1", "Kitchen", "U1")


def test_who_has_no_address_goes_by_the_external_id() -> None:
    assert user_of({"external_id": "E1", "active": True})["userName"] == "E1"


@pytest.mark.parametrize("profile", ["employee", "manager", "administrator", None])
def test_only_training_managers_have_a_role_there(profile: str | None) -> None:
    assert "roles" not in user_of(ANNA | {"profile": profile})


def test_a_placeholder_is_a_persons_own_and_always_the_same() -> None:
    names = {with_placeholder(user_of(ANNA | {"external_id": one}), "acme")["userName"] for one in ("E1", "E2", "e1")}
    names |= {with_placeholder(user_of(ANNA), "other")["userName"], with_placeholder(user_of(ANNA), "acme")["userName"]}
    assert len(names) == 4
    assert has_placeholder(with_placeholder(user_of(ANNA), "acme"))
    assert not has_placeholder(user_of(ANNA))


def test_a_placeholder_keeps_the_rest_and_addresses_can_be_left_out() -> None:
    user = with_placeholder(user_of(ANNA), "acme")
    assert user["emails"] == [{"value": "Anna@x.org", "type": "work", "primary": True}]
    assert user_of(ANNA) == user | {"userName": "Anna@x.org"}
    assert without_emails(user).keys() == user.keys() - {"emails"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("anna@x.org", "ANNA@X.org", True),
        ("ﬁn@x.org", "fin@x.org", True),
        ("straße@x.org", "strasse@x.org", False),
        ("a@x.org", "b@x.org", False),
    ],
)
def test_2_4_capitals_do_not_make_another_name(one: str, other: str, *, same: bool) -> None:
    assert same_name(one, other) is same
