"""Written permissions as people use them: recorded, listed, ended by command; what they carried comes and goes."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.cli import desk, grants, look, run, work
from aggregator.config import load
from aggregator.model.policy import Grant
from aggregator.service.grants import without_effect
from aggregator.service.world import World
from aggregator.store import Store
from aggregator.wiring import house as wiring

ROOT = Path(__file__).parents[2]
FIRST = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WIRE_LINE = "<p>The mayor spoke.</p><p>Originally published by Harbor Wire.</p>"
ITEMS = (
    {"title": "Bridge", "creator": "Ann Lee", "category": "News"},
    {"title": "Ferry", "creator": "Bo Marsh", "category": "Sport"},
    {"title": "Mayor", "creator": "Ann Lee", "category": "News", "body": WIRE_LINE},
)
ASK = {"ask": ["full"]}
OUTPUTS = [
    {"id": "community", "title": "World news", "use": {"audience": "community"}, "formats": ["json"]},
    {"id": "shop", "title": "Shop", "use": {"audience": "commercial"}, "formats": ["json"]},
]


def an_rss(host: str) -> str:
    items = "".join(
        f"<item><title>{item['title']}</title><link>https://{host}/{item['title'].lower()}</link>"
        f"<guid isPermaLink='false'>{item['title'].lower()}</guid><dc:creator>{item['creator']}</dc:creator>"
        f"<category>{item['category']}</category><pubDate>Thu, 19 Nov 2026 09:00:00 GMT</pubDate>"
        f"<content:encoded><![CDATA[{item.get('body', '<p>Words enough.</p>')}]]></content:encoded></item>"
        for item in ITEMS
    )
    return (
        "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'"
        " xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
        f"<title>{host}</title><link>https://{host}/</link><description>News</description>{items}</channel></rss>"
    )


class Office:
    """An installation whose clock stands where the test puts it; two sources, both of which must be asked."""

    def __init__(self, folder: Path) -> None:
        self.config, self.now = folder / "config", FIRST

    def set_up(self) -> None:
        settings = {"site": {"name": "Riverside", "url": "https://news.example.org/"}, "database": "sqlite:///a.db"}
        self.write("aggregator.yaml", settings)
        for id_ in ("herald", "talbote"):
            self.write(f"{id_}.xml", an_rss(f"{id_}.example"))
            self.policy(id_, ASK)
        self.write("sources.yaml", [{"id": i, "feed": f"file:{i}.xml", "policy": i} for i in ("herald", "talbote")])
        self.write("outputs.yaml", OUTPUTS)

    def write(self, name: str, value: object) -> None:
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value))

    def policy(self, id_: str, *rules: object, **terms: object) -> None:
        publisher = {"name": id_.capitalize(), "domains": [f"{id_}.example"], "url": f"https://{id_}.example/"}
        facts = {"id": id_, "publisher": publisher, "contact": f"desk@{id_}.example", "rules": rules}
        self.write(f"policies/{id_}.yaml", facts | terms)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["--config", str(self.config), *arguments])
        return code, *(stream.buffer.getvalue().decode() for stream in (out, err))

    def json(self, *arguments: str) -> Any:
        code, out, err = self.run(*arguments, "--json")
        assert code == 0, err
        return json.loads(out)

    def grant(self, *arguments: str) -> str:
        """Records a permission, and gives its id."""
        return str(self.json("grants", "add", "--evidence", "letter of 2026-11-01", *arguments)["id"])

    def shown(self, output: str = "community") -> set[str]:
        """What stands in an output after the next build: `herald/Bridge`."""
        assert self.run("build")[0] in (0, 1)
        assert self.run("export", str(self.config.parent / "out"))[0] in (0, 1)
        document = json.loads((self.config.parent / f"out/feeds/{output}.json").read_text())
        return {item["url"].split("/")[2].split(".")[0] + "/" + item["title"] for item in document["items"]}


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything set up and polled once; to be copied."""
    found = Office(tmp_path_factory.mktemp("polled"))
    found.set_up()
    with pytest.MonkeyPatch.context() as patch:
        at_the_clock(found, patch)
        assert found.run("poll")[0] == 0
        assert found.shown() == set()
    return found.config.parent


def at_the_clock(office: Office, patch: pytest.MonkeyPatch) -> None:
    for module in (wiring, desk, grants, look, work):
        patch.setattr(module, "utc_now", lambda: office.now)


@pytest.fixture
def office(polled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    shutil.copytree(polled, tmp_path, dirs_exist_ok=True)
    found = Office(tmp_path)
    at_the_clock(found, monkeypatch)
    return found


HERALD = {"herald/Bridge", "herald/Ferry"}
"""What is the Herald's alone to give; the third entry is a wire's."""


@pytest.mark.parametrize(
    ("scope", "carried"),
    [
        (("--policy", "herald"), HERALD),
        (("--source", "herald"), HERALD),
        (("--publisher", "Herald"), HERALD),
        (("--source", "herald", "--author", "Ann Lee"), {"herald/Bridge"}),
        (("--policy", "herald", "--category", "sport"), {"herald/Ferry"}),
        (("--entry", "herald:ferry"), {"herald/Ferry"}),
        (("--entry", "https://herald.example/bridge"), {"herald/Bridge"}),
        (("--policy", "herald", "--output", "shop"), set()),
        (("--policy", "herald", "--to", "community", "--in", "web", "--in", "print"), HERALD),
        (("--policy", "herald", "--to", "anyone"), HERALD),
        (("--policy", "herald", "--to", "commercial"), set()),
        (("--policy", "herald", "--in", "print"), set()),
        (("--policy", "herald", "--form", "excerpt"), set()),
        (("--policy", "herald", "--from", "2026-11-21"), set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_permission_carries_what_lies_in_its_scope(office: Office, scope: tuple[str, ...], carried: set[str]) -> None:
    office.grant(*scope)
    assert office.shown() == carried


def test_a_permission_for_an_audience_serves_the_outputs_of_that_audience(office: Office) -> None:
    office.grant("--policy", "herald", "--to", "commercial")
    assert (office.shown("community"), office.shown("shop")) == (set(), HERALD)


def test_what_was_recorded_is_said_whole(office: Office) -> None:
    """Whoever typed it sees that it was understood: whom it is from, for what and until when."""
    typed = ("--policy", "herald", "--to", "commercial", "--until", "2099-12-01", "--evidence", "letter")
    _, out, _ = office.run("grants", "add", *typed)
    assert "everything of herald, for commercial, until the end of 2099-12-01 (UTC)" in out


async def test_before_anything_is_stored_no_name_is_blamed(store: Store) -> None:
    """A permission for a category names no author."""
    world = World.of(load(ROOT / "config"))
    told = await without_effect(Grant(id="g", policy="talbote", category="Sport"), world, store)
    assert str(told) == "nothing is stored yet that it could be about"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("--policy", "herald", "--author", "Anne Leigh"), "no entry of the newest 6 has the author 'Anne Leigh'"),
        (("--source", "herald", "--category", "Sprot"), "no entry of the newest 3 has the category 'Sprot'"),
        (("--policy", "herald", "--in", "print"), "no output has such a use: 2 have others"),
        (("--policy", "herald", "--author", "Ann Lee", "--in", "web"), ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_permission_that_covers_nothing_yet_says_so(office: Office, typed: tuple[str, ...], told: str) -> None:
    """A misspelled name would wait for ever, and nobody would know."""
    code, _, err = office.run("grants", "add", "--evidence", "letter", *typed)
    assert (code, err.strip()) == (0, f"warning: {told}; the permission covers nothing so far" if told else "")


def test_what_a_revoked_permission_carried_leaves_at_the_next_build(office: Office) -> None:
    id_ = office.grant("--policy", "herald")
    other = office.grant("--entry", "herald:bridge")
    assert office.shown() == HERALD
    office.now += DAY
    code, out, _ = office.run("grants", "revoke", id_, "--reason", "the contract ended")
    assert (code, out) == (0, f"{id_}: revoked; what it carried leaves at the next build.\n")
    assert "the contract ended" in str(office.json("ledger", "show", "--limit", "5000"))
    assert office.shown() == {"herald/Bridge"}
    office.run("grants", "revoke", other)
    assert office.shown() == set()
    states = {one["id"]: one["state"] for one in office.json("grants", "list")}
    assert states == {id_: "revoked", other: "revoked"}
    code, _, err = office.run("grants", "revoke", id_)
    assert code == 2
    assert "was revoked before, at 20" in err
    assert err.rstrip().endswith("UTC"), "a time for a person, without microseconds"


def test_a_permission_ends_with_its_last_day_and_begins_with_its_first(office: Office) -> None:
    id_ = office.grant("--policy", "herald", "--from", "2026-11-21", "--until", "2026-11-22")
    told = []
    for _ in range(4):
        state = {one["id"]: one["state"] for one in office.json("grants", "list")}[id_]
        told.append((office.now.day, state, office.shown() == HERALD))
        office.now += DAY
    assert told == [(20, "not yet", False), (21, "in force", True), (22, "in force", True), (23, "expired", False)]
    office.now = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    assert office.shown() == HERALD, "the last day is a whole one"


def test_a_third_party_without_a_policy_gives_its_own_part_by_name(office: Office) -> None:
    """Both hops must allow: the Herald's letter says nothing for the wire, nor the wire's for the Herald."""
    wire = office.grant("--publisher", "harbor wire")
    assert office.shown() == set()
    office.grant("--policy", "herald")
    assert office.shown() == {*HERALD, "herald/Mayor"}
    office.run("grants", "revoke", wire)
    assert office.shown() == HERALD


def test_a_permission_for_a_wire_may_be_for_one_source_alone(office: Office) -> None:
    for id_ in ("herald", "talbote"):
        office.grant("--policy", id_)
    office.grant("--publisher", "Harbor Wire", "--source", "talbote")
    assert "talbote/Mayor" in office.shown()
    assert "herald/Mayor" not in office.shown()


def test_waived_duties_fall_and_the_others_stay(office: Office) -> None:
    pixel = {"tracker": "https://herald.example/t.gif"}
    office.policy("herald", {"allow": ["full"], "to": ["news"], "duties": [pixel, "credit-author", "link-original"]})
    office.grant("--policy", "herald", "--waive", "tracker")
    assert office.shown() == HERALD
    (told,) = office.json("explain", "herald:bridge", "--output", "community")
    duties = [duty["name"] for duty in told["decision"]["duties"]]
    assert duties == ["credit-author", "link-original"]


def test_a_limit_falls_only_where_the_letter_says_so(office: Office) -> None:
    rule = {"allow": ["full"], "to": ["news"], "limits": ["no-automatic", "no-images"]}
    office.policy("herald", rule)
    id_ = office.grant("--policy", "herald")
    assert office.shown() == set()
    office.run("grants", "revoke", id_)
    office.grant("--policy", "herald", "--lift", "no-automatic")
    assert office.shown() == HERALD


def test_a_list_shows_all_that_was_recorded(office: Office) -> None:
    options = ("--to", "commercial", "--in", "print", "--form", "full", "--output", "shop", "--until", "2026-12-31")
    letter = office.config.parent / "letter.eml"
    letter.write_text("Yes, you may.")
    id_ = office.grant("--policy", "herald", *options, "--evidence-file", str(letter))
    (one,) = office.json("grants", "list")
    facts = {name: one[name] for name in ("id", "policy", "to", "media", "forms", "outputs", "until", "state")}
    assert facts == {
        "id": id_,
        "policy": "herald",
        "to": ["commercial"],
        "media": ["print"],
        "forms": ["full"],
        "outputs": ["shop"],
        "until": "2026-12-31",
        "state": "in force",
    }
    assert "letter.eml, 13 bytes, sha256" in one["evidence"]
    _, out, _ = office.run("grants", "list")
    assert id_ in out


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ((), "a grant needs a giver or a scope; name --policy, --publisher, --source or --entry"),
        (("--policy", "herold"), "policy 'herold' is not configured; there is: 'herald', 'talbote'"),
        (("--policy", "herald", "--publisher", "Herald"), "a grant has one giver"),
        (("--publisher", " "), "'publisher' is empty"),
        (("--policy", "herald", "--author", ""), "'author' is empty"),
        (("--policy", "herald", "--to", "everyone"), "audience 'everyone' is not known; use one of: anyone, personal"),
        (("--policy", "herald", "--in", "radio"), "medium 'radio' is not known; use one of: web, newsletter"),
        (("--policy", "herald", "--form", "half"), "form 'half' is not known; use one of: full, excerpt, headline"),
        (("--policy", "herald", "--waive", "credits"), "duty 'credits' is not known"),
        (("--policy", "herald", "--lift", "ads"), "limit 'ads' is not known"),
        (("--policy", "herald", "--until", "soon"), "--until 'soon' is not a day; write it as 2026-12-01"),
        (("--policy", "herald", "--from", "2026-12-02", "--until", "2026-12-01"), "swap the dates"),
        (("--entry", "herald:nothing"), "no entry is called 'herald:nothing'"),
        (("--policy", "herald", "--output", "shops"), "output 'shops' is not configured"),
        (("--policy", "herald"), "what proves it? Say who wrote what, and when"),
        (("--policy", "herald", "--evidence", " "), "use --evidence 'Letter of Jane Roe"),
        (("--policy", "herald", "--evidence-file", "nowhere.eml"), "evidence file 'nowhere.eml' cannot be read"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_meant_is_refused(office: Office, typed: tuple[str, ...], told: str) -> None:
    code, out, err = office.run("grants", "add", *typed)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
    assert office.json("grants", "list") == []
