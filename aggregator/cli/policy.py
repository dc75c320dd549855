"""Commands about the publishers' terms: list, show, test, read, export."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.common import (
    FINE,
    USAGE,
    ConfigOption,
    JsonOption,
    Printer,
    complain,
    folder_of,
    group,
    run_async,
    safe,
    show,
)
from aggregator.config import load, load_settings
from aggregator.errors import UsageError
from aggregator.rights.portray import portray
from aggregator.service.export_policy import export_policy
from aggregator.service.policy_tests import run_policy_tests
from aggregator.service.read_terms import SIZE_MAX, About, TermsRead, read_terms
from aggregator.service.world import World
from aggregator.wiring import utc_now

if TYPE_CHECKING:
    from aggregator.model.policy import Policy

PolicyArgument = Annotated[
    str,
    typer.Argument(metavar="POLICY", help="Id of the policy; 'policy list' shows them.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    policy_app = group("The publishers' terms.")
    policy_app.command("list")(policies_command)
    policy_app.command("show")(policy_command)
    policy_app.command("test")(policy_test_command)
    policy_app.command("read")(read_command)
    policy_app.command("export")(export_command)
    app.add_typer(policy_app, name="policy")


def policies_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """All policies with their publishers and contacts."""
    configuration = load(folder_of(config))
    rows = [
        {
            "id": policy.id,
            "publisher": policy.publisher.name,
            "contact": policy.contact,
            "licence": policy.licence,
            "rules": len(policy.rules),
            "default": policy.default,
            "third_party": policy.third_party,
            "read": policy.terms.read,
            "where": policy.where,
        }
        for policy in configuration.policies
    ]

    def human(out: Printer) -> None:
        out.table(
            ("policy", "publisher", "rules", "licence", "otherwise", "contact"),
            [(r["id"], r["publisher"], r["rules"], r["licence"] or "", r["default"], r["contact"] or "") for r in rows],
            "There is no policy; add one to config/policies/.",
        )

    show(rows, json, human)
    return FINE


def policy_test_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """Run the tests that stand beside the policies."""
    configuration = load(folder_of(config))
    failures = run_policy_tests(World.of(configuration))
    passed = len(configuration.policy_tests) - len({str(problem.file) + str(problem.line) for problem in failures})

    def human(out: Printer) -> None:
        for problem in failures:
            out.line(str(problem))
        out.line(f"{passed} of {len(configuration.policy_tests)} policy tests hold")

    report = {"ok": not failures, "tests": len(configuration.policy_tests), "passed": passed, "failures": failures}
    show(report, json, human)
    return USAGE if failures else FINE


def policy_command(policy: PolicyArgument, config: ConfigOption = None, json: JsonOption = False) -> int:
    """A publisher's terms in plain language, with file and line."""
    found = _named(policy, config)

    def human(out: Printer) -> None:
        title, *lines = portray(found)
        out.line(title, style="bold")
        for line in lines:
            out.line(line)

    show(found, json, human)
    return FINE


def export_command(
    policy: PolicyArgument,
    format_: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="odrl (JSON-LD, loses nothing) or rsl (machine use only)."),
    ] = "odrl",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """A policy in a standard's own form.

    The document goes to standard output, what the format cannot hold to standard error; with --json both in one.
    """
    made = export_policy(_named(policy, config), format_)

    def human(out: Printer) -> None:
        for loss in made.losses:
            complain(f"not in {format_}: {loss}")
        typer.echo(made.body.decode(), nl=not made.body.endswith(b"\n"))

    show({"format": format_, "document": made.body.decode(), "losses": made.losses}, json, human)
    return FINE


def read_command(
    terms: Annotated[
        str,
        typer.Argument(
            metavar="TERMS",
            help="A publisher's terms: a page, text or Markdown file, RSL, ODRL (JSON-LD, Turtle), robots.txt, JSON; "
            "- is standard input.",
            show_default=False,
        ),
    ],
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="yaml (a policy to review and save) or json (all of it).")
    ] = "yaml",
    name: Annotated[
        str | None, typer.Option("--publisher", metavar="NAME", help="The publisher's name, as it is to be credited.")
    ] = None,
    id_: Annotated[str | None, typer.Option("--id", metavar="ID", help="Id of the proposed policy.")] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Propose a policy from a publisher's terms.

    For each rule, duty, limit, time and contact it quotes the words that it comes from. What is not understood is left
    to be asked for. Nothing is saved: a person must review the proposal.
    """
    if format_ not in {"yaml", "json"}:
        raise UsageError(f"format '{format_}' is not known; use yaml or json")
    if id_ is not None and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", id_):
        raise UsageError(f"id '{id_}' is not a name of a policy; use a-z, 0-9 and '-'")
    found = _read(terms, name, id_, config)

    def human(out: Printer) -> None:
        for warning in found.warnings:
            complain(f"ignored: {warning}")
        typer.echo("\n".join(safe(line) for line in found.yaml.splitlines()))

    show(found, json or format_ == "json", human)
    return FINE


def _read(terms: str, name: str | None, id_: str | None, config: Path | None) -> TermsRead:
    from aggregator.wiring.outside import fetch_page  # and with it what the web needs

    today = utc_now().date()
    if terms.startswith(("http://", "https://")):
        folder = folder_of(config)
        answer = run_async(fetch_page(terms, folder, load_settings(folder) if folder.is_dir() else None))
        media_type = answer.headers.get("Content-Type")
        about = About(where=terms, url=answer.url, media_type=media_type, name=name, id=id_, read=today)
        return read_terms(answer.body, about)
    try:
        if terms == "-":
            body = sys.stdin.buffer.read(SIZE_MAX + 1)
        else:
            with Path(terms).open("rb") as file:
                body = file.read(SIZE_MAX + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{terms}: cannot be read: {why}; give a file, or an address with https://") from None
    return read_terms(
        body, About(where="standard input" if terms == "-" else terms, url=None, name=name, id=id_, read=today)
    )


def _named(policy: str, config: Path | None) -> Policy:
    known = {one.id: one for one in load(folder_of(config)).policies}
    if policy not in known:
        told = ", ".join(f"'{id_}'" for id_ in list(known)[:20]) or "none"
        raise UsageError(f"policy '{policy}' is not configured; there is: {told}")
    return known[policy]
