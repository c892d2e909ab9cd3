"""Whether a platform's filters tell userNames in other capitals apart: tried with somebody who is there."""

from peoplefeed.learning_platform.accounts import Account
from peoplefeed.learning_platform.scim import Client
from peoplefeed.learning_platform.trouble import Refused

_TRIED = 3


def minds_capitals(client: Client) -> bool | None:
    """Try it; None if nobody is there, or it does not filter.

    Raises:
        Unavailable: it cannot be asked now.
    """
    try:
        found = [account for account in client.some() if _differ(account.user_name, account.user_name.swapcase())]
        answers = (_is_minded(client, account) for account in found[:_TRIED])
        return next((answer for answer in answers if answer is not None), None)
    except Refused:
        return None


def _is_minded(client: Client, account: Account) -> bool | None:
    """Try one account; None if it is found in neither spelling, as one that is given another name at this moment."""
    if _finds(client, account, account.user_name.swapcase()):
        return False
    return _finds(client, account, account.user_name) or None


def _differ(name: str, other: str) -> bool:
    return name != other and name.isascii()


def _finds(client: Client, account: Account, spelling: str) -> bool:
    return account.id in {found.id for found in client.filtered("userName", spelling) or ()}
