"""Apache Kafka from Maven Central, kept outside the tree. Knows Java and Maven, starts no broker."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

KAFKA: Final = "4.1.0"
_LOG4J: Final = "2.24.3"
_DEPENDENCIES: Final = (
    ("org.apache.kafka", "kafka_2.13", KAFKA),
    ("org.apache.logging.log4j", "log4j-api", _LOG4J),
    ("org.apache.logging.log4j", "log4j-core", _LOG4J),
    ("org.apache.logging.log4j", "log4j-slf4j-impl", _LOG4J),
    ("org.apache.logging.log4j", "log4j-1.2-api", _LOG4J),
    ("com.fasterxml.jackson.dataformat", "jackson-dataformat-yaml", "2.16.2"),
)
_LOGGING: Final = """\
Configuration:
  Appenders: {Console: {name: OUT, PatternLayout: {pattern: "%d{HH:mm:ss.SSS} %p %c %m%n"}}}
  Loggers: {Root: {level: WARN, AppenderRef: {ref: OUT}}}
"""


class JarsMissing(Exception):
    """Why Kafka cannot be run from its jars on this machine, and what to install."""


def java() -> str:
    """The path of a Java 17 or later; raises JarsMissing."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else None
    found = found or shutil.which("java")
    if not found:
        raise JarsMissing("no java: install a JRE 17 or later (Debian: openjdk-17-jre-headless)")
    text = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', text)
    if not version or int(version.group(1)) < 17:
        raise JarsMissing(f"java is older than 17: {text.splitlines()[0] if text else 'unknown'}")
    return found


def home() -> Path:
    """The directory with `libs/` and `log4j2.yaml`; fetched once (43 MB); raises JarsMissing."""
    root = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    place = root / "lead-scorer" / f"kafka-{KAFKA}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:  # two test runs may start at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "complete").exists():
            _fetch(place)
            (place / "complete").touch()
    return place


def tools() -> Path:
    """The directory with the jar of kafka-acls.sh and its like; fetched once; raises JarsMissing."""
    place = home()
    if not list((place / "tools").glob("kafka-tools-*.jar")):
        _copy(
            place,
            "tools.xml",
            _pom((("org.apache.kafka", "kafka-tools", KAFKA),), alone=True),
            "tools",
        )
    return place / "tools"


def _fetch(place: Path) -> None:
    (place / "log4j2.yaml").write_text(_LOGGING, encoding="utf-8")
    _copy(place, "pom.xml", _pom(_DEPENDENCIES), "libs")


def _copy(place: Path, pom: str, content: str, folder: str) -> None:
    maven = shutil.which("mvn")
    if not maven:
        raise JarsMissing("no mvn to fetch Kafka with: install Maven (Debian: maven)")
    (place / pom).write_text(content, encoding="utf-8")
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={place / folder}")
    command = [maven, "-q", "-B", "-f", pom, *goal]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if done.returncode:
        raise JarsMissing(f"Maven could not fetch Kafka {KAFKA}: {done.stdout[-300:].strip()}")


def _pom(artifacts: Iterable[tuple[str, str, str]], *, alone: bool = False) -> str:
    """Of these artifacts, with all that they need, or alone."""
    nothing_else = "<groupId>*</groupId><artifactId>*</artifactId>"
    without = f"<exclusions><exclusion>{nothing_else}</exclusion></exclusions>" if alone else ""
    dependencies = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId>"
        f"<version>{version}</version>{without}</dependency>"
        for group, name, version in artifacts
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>leadscorer</groupId><artifactId>kafka</artifactId><version>1</version>"
        f"<dependencies>{dependencies}</dependencies></project>"
    )
