"""Whether the configured mail server takes letters."""

from __future__ import annotations

from aggregator.model.account import Role
from aggregator.service.effective import send_test_letter
from aggregator.web.api.operation import Call, Operation
from aggregator.web.api.shapes import Asked, Name


class TrialAsked(Asked):
    """A letter to somebody of the house."""

    to: Name
    """A mail address."""


async def try_mail(call: Call[None, TrialAsked]) -> None:
    await send_test_letter(call.body.to, call.world.configuration.settings, call.now)


OPERATIONS = (
    Operation(
        method="POST",
        path="/mail/trial",
        handler=try_mail,
        summary="Send a letter to see whether mail works",
        about="Refused with the server's own words where it does not.",
        role=Role.OPERATOR,
        body=TrialAsked,
        creates=True,
    ),
)
