"""The AsyncAPI document from the topic cards and the schemas. Knows both, adds no fact of its own.

`python -m schemas.asyncapi` prints it; `schemas/asyncapi.yaml` is its committed output, and a test
fails when they differ. Topic names are those without the configured `topics.prefix`.
"""

from __future__ import annotations

import io
import sys
from typing import Any, Final

from ruamel.yaml import YAML

from schemas.catalogue import (
    ENVELOPE,
    SCHEMA_SUFFIX,
    Direction,
    TopicCard,
    schema,
    schema_name,
    topic_cards,
)
from scorer import __version__

VERSION: Final = "3.1.0"
_CONTENT_TYPE: Final = "application/cloudevents+json"
_KEY: Final = {"type": "string", "description": "lead_id in UTF-8", "maxLength": 256}
_KAFKA: Final = "0.5.0"  # version of the Kafka bindings
_WHOLE_NUMBERS: Final = ("retention.ms", "max.message.bytes", "delete.retention.ms")
_DESCRIPTION: Final = (
    "Events about leads in, explained scores and crossings between tiers out. Every event is a "
    "CloudEvent 1.0; inputs may be in binary mode as well. The Kafka key is the lead. Partition "
    "every topic of inputs alike: by the same partitioner and over the same number of partitions."
)


def document() -> dict[str, Any]:
    """The whole document, with references to the schema files beside it."""
    cards = topic_cards().values()
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "Lead scorer",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": _CONTENT_TYPE,
        "channels": {card.name: _channel(card) for card in cards},
        "operations": dict(_operation(card) for card in cards),
        "components": {
            "messages": {
                schema_name(event_type): _message(event_type)
                for card in cards
                for event_type in card.types
            }
            | {"dead-letter": _dead_letter()}
        },
    }


def text() -> str:
    """The document as YAML."""
    yaml = YAML()
    yaml.width = 100
    stream = io.StringIO()
    yaml.dump(document(), stream)
    return f"# Made by `python -m schemas.asyncapi`; do not edit.\n{stream.getvalue()}"


def _channel(card: TopicCard) -> dict[str, Any]:
    names = [schema_name(event_type) for event_type in card.types] or ["dead-letter"]
    return {
        "address": card.name,
        "description": card.description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": card.name,
                "partitions": card.partitions,
                "replicas": card.replication,
                "topicConfiguration": _configuration(card),
                "bindingVersion": _KAFKA,
            }
        },
    }


def _configuration(card: TopicCard) -> dict[str, Any]:
    """The part of the topic's configuration that the Kafka binding has words for."""
    policy: dict[str, Any] = {"cleanup.policy": card.configs["cleanup.policy"].split(",")}
    numbers = {name: int(card.configs[name]) for name in _WHOLE_NUMBERS if name in card.configs}
    return policy | numbers


def _operation(card: TopicCard) -> tuple[str, dict[str, Any]]:
    received = card.direction is Direction.INPUT
    verb = "receive" if received else "send"
    return f"{verb}.{card.name}", {
        "action": verb,
        "summary": f"The scorer {'reads' if received else 'writes'} {card.name}.",
        "channel": {"$ref": f"#/channels/{card.name.replace('/', '~1')}"},
    }


def _message(event_type: str) -> dict[str, Any]:
    name = schema_name(event_type)
    return {
        "name": event_type,
        "title": name,
        "summary": schema(event_type)["description"],
        "contentType": _CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": f"./{ENVELOPE}{SCHEMA_SUFFIX}"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": event_type},
                        "data": {"$ref": f"./{name}{SCHEMA_SUFFIX}"},
                    },
                },
            ]
        },
        "bindings": {"kafka": {"key": _KEY, "bindingVersion": _KAFKA}},
    }


def _dead_letter() -> dict[str, Any]:
    """A record that was rejected: any bytes at all, so its payload has no schema."""
    fields = ("reason", "detail", "topic", "partition", "offset", "timestamp", "app", "version")
    headers = {f"leadscorer.errors.{field}": {"type": "string"} for field in fields}
    return {
        "name": "dead-letter",
        "title": "dead letter",
        "summary": "The rejected record with its own key, value and headers, and why it was rejected.",
        "contentType": "application/octet-stream",
        "headers": {"type": "object", "properties": headers, "required": list(headers)},
    }


if __name__ == "__main__":
    sys.stdout.write(text())
