"""An Apache Kafka with TLS, every way to sign in, and ACLs: for tests of what production asks for.

Knows KRaft and its property files; knows no topic of ours and issues no certificates. Besides the
secured listeners there is a plain one on 127.0.0.1, whose anonymous user may do everything.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from scorer.transport.brokers import jars
from scorer.transport.brokers.ports import free_ports, listening
from scorer.transport.brokers.real import NoBroker, Node

_START_S: Final = 60.0
_MODULES: Final = "org.apache.kafka.common.security"


class Certificates(NamedTuple):
    """PEM files of the broker."""

    ca: Path
    broker: Path  # private key and certificate in one file


class SecureKafka:
    """One node: `sasl` (SASL_SSL), `mutual` (SSL with client certificates) and `plain` addresses."""

    def __init__(self, certificates: Certificates, passwords: Mapping[str, str]) -> None:
        """`passwords` of users that sign in by SCRAM-SHA-512 and PLAIN alike."""
        jars.java()
        jars.home()
        self._root = Path(tempfile.mkdtemp(prefix="lead-scorer-secure-kafka-"))
        self._ports = free_ports(4)
        self._passwords = passwords
        self.plain, self.sasl, self.mutual, _ = (f"127.0.0.1:{port}" for port in self._ports)
        self._node = Node(1, self._root / "1", _text(self._properties(certificates)))
        try:
            self._node.format("bGVhZC1zY29yZXItdGVzdA", *self._users())
            self._node.start()
            self._wait()
        except BaseException:
            self.close()
            raise

    def run(self, command: str) -> None:
        """Run a kafka-acls.sh command, as it is printed, by the class behind the script."""
        words = command.replace("\\\n", " ").replace("'", "").split()
        assert words.pop(0) == "kafka-acls.sh"
        place = jars.home()
        logging = f"-Dlog4j2.configurationFile={place}/log4j2.yaml"
        path = f"{place}/libs/*:{jars.tools()}/*"
        main = [jars.java(), "-Xmx128m", logging, "-cp", path, "org.apache.kafka.tools.AclCommand"]
        done = subprocess.run([*main, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoBroker(f"{command}: {done.stdout}{done.stderr}")

    def close(self) -> None:
        """End the node and remove its data."""
        self._node.signal(signal.SIGKILL)
        self._node.wait()
        shutil.rmtree(self._root, ignore_errors=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_S
        while not all(listening(port) for port in self._ports[:3]):
            if not self._node.running() or time.monotonic() > deadline:
                raise NoBroker(f"secured Kafka did not start: {self._node.log()[-1500:]}")
            time.sleep(0.05)

    def _users(self) -> list[str]:
        users = self._passwords.items()
        return [
            word
            for user, password in users
            for word in ("--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]")
        ]

    def _properties(self, certificates: Certificates) -> dict[str, object]:
        plain, sasl, mutual, controller = self._ports
        listeners = (
            f"PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{sasl},SSL://127.0.0.1:{mutual}"
        )
        users = " ".join(f'user_{name}="{password}"' for name, password in self._passwords.items())
        sasl_listener = "listener.name.sasl_ssl"
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"{listeners},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": listeners,
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT",
            "log.dirs": self._root / "1" / "data",
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.num.partitions": 4,
            "transaction.state.log.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            "auto.create.topics.enable": "false",
            "log.cleaner.dedupe.buffer.size": 2_097_152,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": certificates.broker,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": certificates.ca,
            "ssl.principal.mapping.rules": "RULE:^.*CN=([^,]+).*$/$1/",
            "listener.name.ssl.ssl.client.auth": "required",
            f"{sasl_listener}.sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN,OAUTHBEARER",
            f"{sasl_listener}.scram-sha-512.sasl.jaas.config": f"{_MODULES}.scram.ScramLoginModule required;",
            f"{sasl_listener}.plain.sasl.jaas.config": f"{_MODULES}.plain.PlainLoginModule required {users};",
            f"{sasl_listener}.oauthbearer.sasl.jaas.config": f"{_MODULES}.oauthbearer.OAuthBearerLoginModule required;",
        }


def _text(properties: Mapping[str, object]) -> str:
    return "".join(f"{key}={value}\n" for key, value in properties.items())
