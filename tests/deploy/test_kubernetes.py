"""The manifests are valid, agree with settings and image, and give a worker no more than it needs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
from ruamel.yaml import YAML

from scorer.settings import Settings
from scorer.transport.topics import STAGES

KUBERNETES = Path(__file__).parents[2] / "deploy" / "kubernetes"
DOCKERFILE = KUBERNETES.parent / "Dockerfile"
VERSION = "1.34"
OPERATORS = {"monitoring.coreos.com/v1", "keda.sh/v1alpha1"}  # kinds that Kubernetes itself has not
OVERLAYS = ["base", "overlays/production", "overlays/keda"]
KUBECTL = shutil.which("kubectl")


def _load(text: str) -> list[dict[str, Any]]:
    return [d for d in YAML(typ="safe", pure=True).load_all(text) if d]


def _files(folder: Path) -> list[dict[str, Any]]:
    """The documents of a folder as they stand, what it builds upon included."""
    (kustomization,) = _load((folder / "kustomization.yaml").read_text("utf-8"))
    documents: list[dict[str, Any]] = []
    for name in kustomization["resources"]:
        path = folder / name
        documents += _files(path) if path.is_dir() else _load(path.read_text("utf-8"))
    return documents


def _only(documents: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (found,) = (d for d in documents if d["kind"] == kind)
    return found


BASE = _files(KUBERNETES / "base")
ALL = _files(KUBERNETES / "overlays" / "keda")
JOBS = [d["spec"].get("jobTemplate", d)["spec"] for d in ALL if d["kind"].endswith("Job")]
PODS = [s["template"]["spec"] for s in (*JOBS, _only(BASE, "StatefulSet")["spec"])]


@pytest.mark.parametrize("document", ALL, ids=lambda d: f"{d['kind']}-{d['metadata']['name']}")
def test_a_manifest_meets_the_schema_of_its_kind(document: dict[str, Any]) -> None:
    if document["apiVersion"] in OPERATORS:
        assert document["metadata"]["namespace"] == "lead-scorer"
        assert document["spec"]
    else:
        kubernetes_validate.validate(document, VERSION, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kustomize_renders_valid_manifests(overlay: str) -> None:
    if KUBECTL is None:
        pytest.skip("no kubectl: the overlays were not rendered, only their parts checked")
    done = subprocess.run(
        [KUBECTL, "kustomize", KUBERNETES / overlay], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    rendered = _load(done.stdout)
    assert len(rendered) == len(_files(KUBERNETES / overlay))
    for document in rendered:
        if document["apiVersion"] not in OPERATORS:
            kubernetes_validate.validate(document, VERSION, strict=True)
    pods = _only(rendered, "StatefulSet")["spec"]["template"]["metadata"]["labels"]
    selector = _only(rendered, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"]
    assert selector.items() <= pods.items()


@pytest.mark.parametrize("overlay", OVERLAYS[1:])
def test_an_overlay_changes_what_the_base_has(overlay: str) -> None:
    """Without kubectl a patch of nothing would pass unseen."""
    names = {(d["kind"], d["metadata"]["name"]) for d in BASE}
    (changes,) = _load((KUBERNETES / overlay / "kustomization.yaml").read_text("utf-8"))
    for patch in changes.get("patches", ()):
        target = patch["target"]["kind"], patch["target"]["name"]
        assert target in names
        steps: Any = _load(patch["patch"])[0]
        for step in steps:
            node: Any = next(d for d in BASE if (d["kind"], d["metadata"]["name"]) == target)
            for key in step["path"].strip("/").split("/"):
                node = node[key]
    for replicas in changes.get("replicas", ()):
        assert ("StatefulSet", replicas["name"]) in names


def test_the_settings_are_valid_in_production(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in _only(BASE, "ConfigMap")["data"].items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.environment == "production"
    mounts = {m["mountPath"] for pod in PODS for c in pod["containers"] for m in c["volumeMounts"]}
    for file in (settings.kafka.password_file, settings.kafka.ca_file, settings.web.token_file):
        assert file
        assert str(file.parent) in mounts


def test_the_pod_name_is_the_name_of_the_worker() -> None:
    """A restarted pod is the same static member, with the same store."""
    (container,) = _only(BASE, "StatefulSet")["spec"]["template"]["spec"]["containers"]
    (variable,) = container["env"]
    assert variable["name"] == "LEADSCORER_INSTANCE_ID"
    assert variable["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"


def test_ports_and_user_are_those_of_the_image() -> None:
    port = Settings().web.port
    (container,) = _only(BASE, "StatefulSet")["spec"]["template"]["spec"]["containers"]
    ports = [each["containerPort"] for each in container["ports"]]
    assert ports == [port + number for number in range(len(STAGES))]
    assert _only(BASE, "Service")["spec"]["ports"][0]["port"] == port
    user = re.findall(r"^USER (\d+)$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)[-1]
    assert {str(pod["securityContext"]["runAsUser"]) for pod in PODS} == {user}


@pytest.mark.parametrize("pod", PODS, ids=lambda pod: pod["containers"][0]["name"])
def test_a_pod_can_write_to_its_volumes_only_and_gain_no_rights(pod: dict[str, Any]) -> None:
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in pod["containers"]:
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_a_stop_has_the_time_that_a_worker_takes() -> None:
    pod = _only(BASE, "StatefulSet")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > 10


def test_scaling_stays_within_the_partitions() -> None:
    spec = _only(ALL, "ScaledObject")["spec"]
    assert spec["maxReplicaCount"] == Settings().topics.partitions
    assert spec["scaleTargetRef"]["name"] == _only(BASE, "StatefulSet")["metadata"]["name"]


def test_metrics_are_scraped_with_the_token_and_from_where_the_network_allows() -> None:
    monitor = _only(ALL, "PodMonitor")["spec"]
    ports = {p["name"] for pod in PODS for c in pod["containers"] for p in c.get("ports", ())}
    assert {endpoint["port"] for endpoint in monitor["podMetricsEndpoints"]} == ports
    token = _only(BASE, "ConfigMap")["data"]["LEADSCORER_WEB__TOKEN_FILE"].rpartition("/")[2]
    keys = {e["authorization"]["credentials"]["key"] for e in monitor["podMetricsEndpoints"]}
    assert keys == {token}
