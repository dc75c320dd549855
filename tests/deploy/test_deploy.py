"""What `deploy/` holds is what each system takes: looked at by its own checker where there is one, else by schemas."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from typer.main import get_command

from aggregator import cli
from aggregator.config import load
from aggregator.model.role import Role
from aggregator.service.metrics import METRICS

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = ("aggregator.service", "aggregator-worker@.service")
CERTIFICATE = ROOT / "tests" / "polling" / "self-signed.pem"


def checker(name: str) -> str:
    """The path of a checker; without it the test is skipped here and fails in CI."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if path is None:
        message = f"'{name}' is not installed"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return path


def _check(*command: str, **more: Any) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _documents(path: Path) -> list[Any]:
    return [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one is not None]


# systemd


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_units_and_finds_them_hardened(unit: str, tmp_path: Path):
    program = checker("systemd-analyze")
    text = (DEPLOY / unit).read_text()
    assert "/opt/aggregator/bin/aggregator" in text
    # It looks whether the program is there.
    copy = tmp_path / unit
    copy.write_text(text.replace("/opt/aggregator/bin/aggregator", sys.executable))
    said = _check(program, "verify", "--man=no", str(copy))
    assert "Unknown key" not in said, said
    assert "Failed to parse" not in said, said
    said = _check(program, "security", "--offline=yes", "--threshold=20", "--no-pager", str(copy))
    assert "OK" in said


# nginx and Caddy


@pytest.mark.parametrize("name", ["nginx.conf", "nginx-static.conf"])
def test_nginx_takes_the_samples(name: str, tmp_path: Path):
    program = checker("nginx")
    text = (DEPLOY / name).read_text()
    text = re.sub(r"/etc/ssl/(certs|private)/\S+(?=;)", str(CERTIFICATE), text)
    text = re.sub(r"/var/(cache|log)/nginx", str(tmp_path), text)
    site, whole = tmp_path / "site.conf", tmp_path / "nginx.conf"
    site.write_text(text)
    temp = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole.write_text(f"pid {tmp_path}/pid; events {{}} http {{ access_log off; {temp} include {site}; }}")
    said = _check(program, "-t", "-e", f"{tmp_path}/error.log", "-c", str(whole))
    assert "test is successful" in said
    assert "[warn]" not in said


def test_caddy_takes_the_sample():
    program = checker("caddy")
    said = _check(program, "adapt", "--config", str(DEPLOY / "Caddyfile"), "--validate")
    assert "feeds.example.org" in said


def test_no_front_hands_out_metrics_or_logs_secret_addresses():
    nginx = (DEPLOY / "nginx.conf").read_text()
    assert "location = /metrics { return 404; }" in nginx
    assert re.search(r"location /s/ \{[^}]*access_log off;[^}]*proxy_cache off;", nginx)
    assert "proxy_cache_use_stale off" in nginx
    assert "@inside path /metrics /readyz" in (DEPLOY / "Caddyfile").read_text()
    rules = _documents(DEPLOY / "kubernetes/ingress.yaml")[0]["spec"]["rules"]
    paths = {path["path"]: path["pathType"] for path in rules[0]["http"]["paths"]}
    assert not {"/metrics", "/readyz"} & set(paths)
    assert paths["/"] == "Exact"


# Containers


_LAST_STAGE = {
    *("FROM", "LABEL", "RUN", "COPY", "ENV", "USER", "WORKDIR", "VOLUME", "EXPOSE", "STOPSIGNAL"),
    *("HEALTHCHECK", "ENTRYPOINT", "CMD"),
}


def test_the_image_is_pinned_small_and_unprivileged():
    text = (DEPLOY / "container/Containerfile").read_text()
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    words = [line.split(maxsplit=1) for line in lines]
    stages = [rest for word, rest in words if word == "FROM"]
    assert len(stages) == 2
    assert all(re.match(r"\S+:\d+\.\d+\.\d+-slim-\w+( AS \w+)?$", stage) for stage in stages), stages
    assert len({stage.split()[0] for stage in stages}) == 1, "both stages need the same Python"
    assert "/" not in stages[0].split()[0], "from which registry is for who builds it to say"
    last = words[max(number for number, (word, _) in enumerate(words) if word == "FROM") :]
    kinds = [word for word, _ in last]
    assert kinds.count("USER") == kinds.count("HEALTHCHECK") == kinds.count("ENTRYPOINT") == 1
    assert re.match(r"[1-9]\d*:[1-9]\d*$", dict(last)["USER"])
    assert kinds.index("USER") > kinds.index("RUN"), "what needs root comes before"
    assert {word for word, _ in words} <= {"FROM", "ENV", "WORKDIR", "COPY", "RUN", *kinds}
    assert set(kinds) <= _LAST_STAGE
    assert dict(last)["STOPSIGNAL"] == "SIGTERM", "it ends in good order by that"
    assert not re.search(r"curl|wget|\| *sh|latest|--privileged|sudo|pip install(?!.*no-compile)", text)
    ignored = (DEPLOY / "container/Containerfile.dockerignore").read_text().splitlines()
    assert "*" in ignored
    for _, rest in (pair for pair in words if pair[0] == "COPY" and not pair[1].startswith("--from")):
        for source in rest.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source.removeprefix('./')}" in ignored, source


_SERVICE = (
    *("image", "build", "command", "restart", "environment", "env_file", "depends_on", "healthcheck", "networks"),
    *("ports", "volumes", "tmpfs", "shm_size", "mem_limit", "pids_limit", "stop_grace_period"),
    *("read_only", "user", "cap_drop", "cap_add", "security_opt"),
)
"""Keys of a service that compose knows and these files need (compose-spec, 05-services.md)."""


def test_compose_is_whole_pinned_and_unprivileged():
    compose = _documents(DEPLOY / "container/compose.yaml")[0]
    services = compose["services"]
    assert set(compose) <= {"name", "services", "networks", "volumes", "x-aggregator"}
    for name, service in services.items():
        assert re.search(r":\d+\.\d+(\.\d+)?(-\w+)?$", service["image"]), f"{name}: pin its image"
        assert "/" not in service["image"], f"{name}: from which registry is for who runs it to say"
        assert set(service) <= set(_SERVICE)
        assert set(service.get("networks", [])) <= set(compose["networks"])
        depends = service.get("depends_on", {})
        assert set(depends) <= set(services)
        for other, how in depends.items() if isinstance(depends, dict) else ():
            # It waits for ever for what never says that it is well, or never ends.
            told = "test" in services[other].get("healthcheck", {})
            ends = services[other].get("restart") == "no"
            assert told or ends, f"{name}: {other}"
            assert how == {"condition": "service_healthy" if told else "service_completed_successfully"}
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source.startswith(".") or source in compose["volumes"], volume
        if name not in ("database",):
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
        if "build" in service:
            assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
            assert service["security_opt"] == ["no-new-privileges:true"]
        assert "PASSWORD" not in json.dumps([service.get("environment"), service.get("command")])
    assert compose["networks"]["inside"]["internal"] is True
    assert services["database"]["networks"] == ["inside"]
    assert [name for name, service in services.items() if "ports" in service] == ["front"]


def _calls() -> Iterator[tuple[str, list[str]]]:
    for name, service in _documents(DEPLOY / "container/compose.yaml")[0]["services"].items():
        if "build" in service:
            yield f"compose {name}", service["command"]
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        for document in _documents(path):
            template = document.get("spec", {}).get("template") if isinstance(document, dict) else None
            if template:
                yield f"kubernetes {path.stem}", template["spec"]["containers"][0]["args"]
    for unit in UNITS:
        line = re.search(r"^ExecStart=\S+ (.*)$", (DEPLOY / unit).read_text(), re.MULTILINE)
        assert line
        yield unit, line[1].split()


@pytest.mark.parametrize(("where", "words"), list(_calls()), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_in_them_exists(where: str, words: list[str]):
    command: Any = get_command(cli.application())
    rest = list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    assert not getattr(command, "commands", None), f"{where}: {words}"
    known = {option for parameter in command.params for option in getattr(parameter, "opts", ())}
    while rest:
        option, value = rest.pop(0), rest.pop(0)
        assert option in known, f"{where}: {option}"
        if option == "--role":
            assert value in {role.value for role in Role}


@pytest.mark.parametrize("name", ["container", "kubernetes"])
def test_the_configurations_load(name: str, tmp_path: Path):
    folder = tmp_path / "config"
    if name == "container":
        shutil.copytree(ROOT / "config", folder)
        shutil.copy(DEPLOY / "container/aggregator.yaml", folder)
    else:
        shutil.copytree(DEPLOY / "kubernetes/config", folder)
    settings = load(folder).settings
    assert settings.engine == "procrastinate"
    assert settings.database.startswith("postgresql://")
    assert settings.server.host == "0.0.0.0"
    assert settings.metrics.listen == ("0.0.0.0", 8080)
    assert ":" not in settings.database.removeprefix("postgresql://").split("@")[0], "no password stands in it"


# Kubernetes


def test_kubernetes_takes_the_manifests():
    """By the schemas of a cluster, strictly: a key that it does not know is an error."""
    if find_spec("kubernetes_validate") is None:
        message = "the package 'kubernetes-validate' is not installed"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    import kubernetes_validate

    folder = DEPLOY / "kubernetes"
    kustomization = _documents(folder / "kustomization.yaml")[0]
    manifests = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(kustomization["resources"]) == manifests
    for file in kustomization["configMapGenerator"][0]["files"]:
        assert (folder / file.partition("=")[2]).is_file(), file
    seen = set()
    for name in sorted(manifests):
        for document in _documents(folder / name):
            kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
            key = document["kind"], document["metadata"]["name"]
            assert key not in seen
            seen.add(key)
    assert {"Deployment", "Job", "PodDisruptionBudget", "NetworkPolicy", "Service"} <= {kind for kind, _ in seen}


def test_pods_are_unprivileged_watched_and_bounded():
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        for document in _documents(path):
            if document["kind"] not in ("Deployment", "Job"):
                continue
            spec = document["spec"]["template"]["spec"]
            (container,) = spec["containers"]
            assert spec["securityContext"]["runAsNonRoot"] is True
            assert spec["automountServiceAccountToken"] is False
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"]
            if document["kind"] == "Deployment":
                assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
                assert {"startupProbe", "livenessProbe"} <= set(container)
                labels = document["spec"]["template"]["metadata"]["labels"]
                assert document["spec"]["selector"]["matchLabels"] == labels
            assert not any("value" in one and "PASS" in one["name"] for one in container["env"])


def test_pollers_reach_no_private_network():
    """The same ranges that the program's own guard refuses."""
    import ipaddress

    policies = _documents(DEPLOY / "kubernetes/network-policies.yaml")
    (open_network,) = [one for one in policies if one["metadata"]["name"] == "open-network-only"]
    blocks = [to["ipBlock"] for to in open_network["spec"]["egress"][0]["to"]]
    privates = "10.1.2.3 172.16.9.9 192.168.1.1 169.254.169.254 100.64.0.1 127.0.0.1 fd00::1 ::1"
    for private in privates.split():
        address = ipaddress.ip_address(private)
        for block in blocks:
            network = ipaddress.ip_network(block["cidr"])
            inside = address.version == network.version and address in network
            barred = any(address in ipaddress.ip_network(one) for one in block.get("except", []) if inside)
            assert not inside or barred, private
    worker = (DEPLOY / "aggregator-worker@.service").read_text()
    assert re.search(r"^IPAddressDeny=.*169\.254\.0\.0/16", worker, re.MULTILINE)


# Monitoring

_KNOWN = {
    f"{family.name}{ending}"
    for family in METRICS.registry.collect()
    for ending in ("", "_total", "_bucket", "_count", "_sum", "_info")
}
_LABELS = {"job", "instance", "le", "output", "outcome", "health", "change", "result", "route", "method", "status"} | {
    "format",
    "answer",
    "kind",
    "state",
    "age",
    "version",
    "schema",
}


def test_prometheus_takes_the_rules_and_finds_no_fault_with_the_metrics():
    """Names, types, units and help texts by its conventions."""
    program = checker("promtool")
    assert "SUCCESS" in _check(program, "check", "rules", str(DEPLOY / "monitoring/aggregator-rules.yaml"))
    assert "SUCCESS" in _check(program, "check", "config", "--syntax-only", str(DEPLOY / "monitoring/prometheus.yaml"))
    assert _check(program, "check", "metrics", input=generate_latest(METRICS.registry).decode()) == ""


def _rules() -> list[dict[str, Any]]:
    (file,) = _documents(DEPLOY / "monitoring/aggregator-rules.yaml")
    return [rule for group in file["groups"] for rule in group["rules"]]


def _panels() -> list[dict[str, Any]]:
    panels = json.loads((DEPLOY / "monitoring/grafana-dashboard.json").read_text())["panels"]
    assert isinstance(panels, list)
    return panels


def _expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in _rules())
    yield from (target["expr"] for panel in _panels() for target in panel["targets"])


_QUERY = {
    *(
        "rate",
        "increase",
        "sum",
        "max",
        "min",
        "avg",
        "count",
        "histogram_quantile",
        "absent",
        "time",
        "topk",
        "changes",
    ),
    *(
        "clamp_min",
        "clamp_max",
        "vector",
        "by",
        "without",
        "on",
        "ignoring",
        "and",
        "or",
        "unless",
        "bool",
        "up",
        "delta",
    ),
    *("max_over_time", "min_over_time", "avg_over_time", "scalar", "group_left", "group_right", "le"),
}
"""Words of the query language, and what Prometheus itself says of a target."""


def test_every_metric_and_label_that_rules_and_dashboard_name_exists():
    for expression in _expressions():
        plain = re.sub(r"\{[^}]*\}|\[[^]]*\]|\"[^\"]*\"|\b(by|without|on|ignoring) \([^)]*\)", " ", expression)
        for name in re.findall(r"\b[a-z_]{2,}", plain):
            assert name in _KNOWN | _QUERY, f"{name} in {expression}"
        for label in re.findall(r"[{,]\s*([a-z_]+)\s*[=!]~?", expression):
            assert label in _LABELS, f"{label} in {expression}"
        for group in re.findall(r"\b(?:by|without) \(([^)]*)\)", expression):
            assert {label.strip() for label in group.split(",")} <= _LABELS, expression
        assert expression.count("(") == expression.count(")"), expression
        for name in re.findall(r"(?:rate|increase)\(([a-z_]+)", expression):
            assert name.endswith(("_total", "_bucket", "_count", "_sum")), f"{expression}: no counter"


def test_each_alert_fires_and_only_then(tmp_path: Path):
    """As Prometheus itself works the rules out."""
    path = checker("promtool")
    cases = yaml.safe_load((Path(__file__).parent / "alerts.yaml").read_text(encoding="utf-8"))
    rules = {rule["alert"]: rule for rule in _rules()}
    assert {case["alert"] for case in cases} == set(rules)
    shutil.copy(DEPLOY / "monitoring/aggregator-rules.yaml", tmp_path)
    tests = []
    for case in cases:
        for fires in (True, False):
            series = [
                {"series": name, "values": str(values)} for name, values in case["fires" if fires else "silent"].items()
            ]
            alert = f'count(ALERTS{{alertname="{case["alert"]}",alertstate="firing"}})'
            expected = [{"labels": "{}", "value": 1}] if fires else []
            tests.append(
                {
                    "name": f"{case['alert']} {'fires' if fires else 'is silent'}",
                    "interval": "1m",
                    "input_series": series,
                    "promql_expr_test": [{"expr": alert, "eval_time": "2h", "exp_samples": expected}],
                }
            )
    whole = {"rule_files": ["aggregator-rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "tests.yaml").write_text(json.dumps(whole))
    assert "SUCCESS" in _check(path, "test", "rules", "tests.yaml", cwd=tmp_path)


def test_alerts_say_what_to_do():
    names = [rule["alert"] for rule in _rules()]
    assert len(set(names)) == len(names) >= 8
    for rule in _rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]


def test_the_dashboard_is_one():
    panels = _panels()
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_page_on_operating_names_every_metric():
    """No more, no fewer; and each stands on the dashboard, or an alert comes of it."""
    page = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    table = set(re.findall(r"`(aggregator_[a-z_]+)`", page))
    ours = _ours()
    assert table == ours
    shown = set(re.findall(r"aggregator_[a-z_]+", " ".join(_expressions())))
    assert {name for name in ours if not shown & {name, f"{name}_bucket", f"{name}_count"}} == set()


def _ours() -> set[str]:
    ours = {
        f"{family.name}{ {'counter': '_total', 'info': '_info'}.get(family.type, '') }"
        for family in METRICS.registry.collect()
        if family.name.startswith("aggregator")
    }
    return {"aggregator_info" if name == "aggregator_info_info" else name for name in ours}
