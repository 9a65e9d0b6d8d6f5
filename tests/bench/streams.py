"""Kafka Streams for comparison: fetched by Maven, compiled once, kept outside the tree."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Final

from scorer.transport.brokers import jars

SOURCE: Final = Path(__file__).parent / "java" / "SimpleJob.java"
_JACKSON: Final = "2.16.2"
_POM: Final = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>leadscorer</groupId><artifactId>bench</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-streams</artifactId><version>{jars.KAFKA}</version></dependency>
<dependency><groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-databind</artifactId><version>{_JACKSON}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
</dependencies></project>"""


def command(servers: str, app: str, events: str, scores: str, tiers: str, state: Path) -> list[str]:
    """How to run the job; raises `jars.JarsMissing` without Java 17, its compiler or Maven."""
    place = _compiled()
    path = f"{place}/libs/*:{place}/classes"
    arguments = [servers, app, events, scores, tiers, str(state)]
    return [jars.java(), "-Xmx512m", "-cp", path, "SimpleJob", *arguments]


def _compiled() -> Path:
    mark = hashlib.sha256(SOURCE.read_bytes() + _POM.encode()).hexdigest()[:12]
    place = jars.home().parent / f"streams-{jars.KAFKA}-{mark}"
    if (place / "complete").exists():
        return place
    maven, compiler = shutil.which("mvn"), shutil.which("javac")
    if not maven or not compiler:
        raise jars.JarsMissing("no mvn or no javac: install Maven and a JDK 17")
    (place / "classes").mkdir(parents=True, exist_ok=True)
    (place / "pom.xml").write_text(_POM)
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={place / 'libs'}"]
    _run([maven, "-q", "-B", *goal], place)
    _run([compiler, "-cp", f"{place}/libs/*", "-d", "classes", str(SOURCE)], place)
    (place / "complete").touch()
    return place


def _run(what: list[str], place: Path) -> None:
    done = subprocess.run(what, cwd=place, capture_output=True, text=True, check=False)
    if done.returncode:
        raise jars.JarsMissing(f"{what[0]} failed: {(done.stdout + done.stderr)[-400:]}")
