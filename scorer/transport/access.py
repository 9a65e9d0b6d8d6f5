"""Which rights the brokers say we lack. Knows the requests that aiokafka has no words for.

A broker answers a client that may not see a topic as if there were none. So before a worker looks at
its topics it asks what it may do, and an ACL that is missing is called by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IncompatibleBrokerVersion,
    KafkaError,
    TransactionalIdAuthorizationFailed,
)
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Schema, String

from scorer.settings import Settings
from scorer.transport.acls import Grant, Operation, Resource, Role
from scorer.transport.exits import NotReady

_CODES: Final = {  # of org.apache.kafka.common.acl.AclOperation
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.CREATE: 5,
    Operation.DELETE: 6,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
    Operation.ALTER_CONFIGS: 11,
}
_NOT_SAID: Final = -(1 << 31)
_UNSEEN: Final = 29  # TOPIC_AUTHORIZATION_FAILED
_TEXT: Final = String("utf-8")


class _TopicRights(Response):
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node", Int32), ("host", _TEXT), ("port", Int32), ("rack", _TEXT))),
        ("cluster_id", _TEXT),
        ("controller", Int32),
        (
            "topics",
            Array(
                ("error", Int16),
                ("name", _TEXT),
                ("internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline", Array(Int32)),
                    ),
                ),
                ("operations", Int32),
            ),
        ),
        ("cluster_operations", Int32),
    )


class _AskTopicRights(RequestStruct):
    """Metadata, version 8: the first that tells what the client may do with a topic."""

    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _TopicRights
    SCHEMA = Schema(
        ("topics", Array(_TEXT)),
        ("create", Boolean),
        ("cluster_operations", Boolean),
        ("topic_operations", Boolean),
    )


class _TopicRightsRequest(Request[_AskTopicRights]):
    API_KEY = 3

    def __init__(self, topics: list[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_AskTopicRights]) -> _AskTopicRights:
        return request_struct_class(self._topics, False, False, True)


async def lacking(client: AIOKafkaAdminClient, needed: Iterable[Grant]) -> list[Grant]:
    """Those of the grants, cut down to the operations, that the brokers do not give us.

    Empty when everything is allowed, and when the brokers cannot say: those have no ACLs.
    """
    needed = list(needed)
    topics = [grant for grant in needed if grant.resource is Resource.TOPIC]
    rights = await _topic_rights(client, [grant.name for grant in topics])
    out = [
        grant._replace(operations=missing)
        for grant in topics
        if (missing := _missing(grant, rights.get(grant.name)))
    ]
    return out + [g for g in needed if g not in topics and not await _coordinated(client, g)]


async def insist(
    client: AIOKafkaAdminClient,
    settings: Settings,
    needed: Iterable[Grant],
    role: Role = Role.WORKER,
) -> None:
    """Raise `NotReady` with everything that is lacking; `role` is the one that has it."""
    missing = await lacking(client, needed)
    if missing:
        lines = "\n  ".join(str(grant) for grant in missing)
        who = f"User:{settings.kafka.username}" if settings.kafka.username else "User:…"
        option = "" if role is Role.WORKER else f" --role {role}"
        raise NotReady(
            f"the brokers do not allow this {role}:\n  {lines}\n ",
            f"let an administrator run what `lead-scorer topics acls --principal {who}{option}` prints",
        )


async def _topic_rights(
    client: AIOKafkaAdminClient, names: list[str]
) -> Mapping[str, tuple[int, int]]:
    """Error code and allowed operations (bits) of each topic; empty when the broker cannot say."""
    try:
        answer: Any = await client._send_request(_TopicRightsRequest(names))
    except (IncompatibleBrokerVersion, NotImplementedError):
        return {}
    return {topic[1]: (topic[0], topic[4]) for topic in answer.topics}


def _missing(grant: Grant, found: tuple[int, int] | None) -> tuple[Operation, ...]:
    if found is None:
        return ()
    error, allowed = found
    if error == _UNSEEN:
        return grant.operations
    if error or allowed == _NOT_SAID:
        return ()  # no such topic: whoever looks at the topics says so
    return tuple(one for one in grant.operations if not allowed >> _CODES[one] & 1)


async def _coordinated(client: AIOKafkaAdminClient, grant: Grant) -> bool:
    """Whether we may ask who coordinates it: Describe, which Read and Write bring with them."""
    kind = 0 if grant.resource is Resource.GROUP else 1
    try:
        await client.find_coordinator(grant.name, kind)
    except (GroupAuthorizationFailedError, TransactionalIdAuthorizationFailed):
        return False
    except KafkaError:
        return True  # loading, unavailable, too old: not a matter of rights
    return True
