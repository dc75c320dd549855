"""The checks of what `deploy/` holds find what is wrong: a check that nothing fails would prove nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.deploy import test_deploy as deploy

CASES = yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text(encoding="utf-8"))
CHECKS: dict[str, Callable[[Path], object]] = {
    "systemd": partial(deploy.test_systemd_takes_the_units_and_finds_them_hardened, "aggregator.service"),
    "nginx": partial(deploy.test_nginx_takes_the_samples, "nginx.conf"),
    "nginx static": partial(deploy.test_nginx_takes_the_samples, "nginx-static.conf"),
    "caddy": lambda _: deploy.test_caddy_takes_the_sample(),
    "fronts": lambda _: deploy.test_no_front_hands_out_metrics_or_logs_secret_addresses(),
    "image": lambda _: deploy.test_the_image_is_pinned_small_and_unprivileged(),
    "compose": lambda _: deploy.test_compose_is_whole_pinned_and_unprivileged(),
    "kubernetes": lambda _: deploy.test_kubernetes_takes_the_manifests(),
    "pods": lambda _: deploy.test_pods_are_unprivileged_watched_and_bounded(),
    "private networks": lambda _: deploy.test_pollers_reach_no_private_network(),
    "rules": lambda _: deploy.test_prometheus_takes_the_rules_and_finds_no_fault_with_the_metrics(),
    "metrics": lambda _: deploy.test_every_metric_and_label_that_rules_and_dashboard_name_exists(),
    "alerts": lambda _: deploy.test_alerts_say_what_to_do(),
    "dashboard": lambda _: deploy.test_the_dashboard_is_one(),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['file']}: {case['to'] or 'without ' + case['from']}")
def test_a_mistake_is_found(case: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    copy = tmp_path / "deploy"
    shutil.copytree(deploy.DEPLOY, copy)
    monkeypatch.setattr(deploy, "DEPLOY", copy)
    path = copy / case["file"]
    right = path.read_text(encoding="utf-8")
    assert case["from"] in right, "the case is of a file that was another"
    path.write_text(right.replace(case["from"], case["to"]), encoding="utf-8")
    with pytest.raises((AssertionError, KeyError, kubernetes_validate.ValidationError)):
        CHECKS[case["check"]](tmp_path)
