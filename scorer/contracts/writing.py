"""CloudEvents written by hand: what every output of a stage begins with, and words that come again.

Knows attributes and models, no particular event. What is the same in every event is written once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from librt.strings import BytesWriter

from scorer.contracts.fragments import number, quoted, write_instant
from scorer.contracts.inputs import SPECVERSION
from scorer.contracts.modes import STRUCTURED_JSON
from scorer.contracts.published import dataschema
from scorer.contracts.records import Headers, Message
from scorer.domain.making import make

_HEADERS: Final = (("content-type", STRUCTURED_JSON),)
_KEPT: Final = 10_000


class EventWriter:
    """Writes events of some types; `source` names the application.

    Not safe for threads: one buffer serves all messages.
    """

    def __init__(self, kinds: Iterable[str], source: str) -> None:
        self.out = BytesWriter()
        self._openings: dict[str, bytes] = {}
        self._attributes: dict[str, bytes] = {}
        for kind in kinds:
            self._openings[kind] = b'{"type":%b,"specversion":%b,"source":%b,"id":' % (
                quoted(kind),
                quoted(SPECVERSION),
                quoted(source),
            )
            schema = quoted(dataschema(kind))
            self._attributes[kind] = (
                b',"datacontenttype":"application/json","dataschema":%b,' % schema
            )
        self._words: dict[str, bytes] = {}
        self._seconds: dict[int, bytes] = {}

    def begin(
        self, kind: str, event_id: str, time_us: int, lead_id: str, trace: str | None
    ) -> BytesWriter:
        """The attributes of the event, and whom its data is about."""
        out, lead = self.out, quoted(lead_id)
        out.truncate(0)
        out.write(self._openings[kind])
        out.write(quoted(event_id))
        out.write(b',"time":')
        write_instant(out, time_us)
        out.write(b',"subject":')
        out.write(lead)
        out.write(self._attributes[kind])
        if trace is not None:
            out.write(b'"traceparent":')
            out.write(quoted(trace))
            out.write(b",")
        out.write(b'"data":{"lead_id":')
        out.write(lead)
        return out

    def word(self, text: str) -> bytes:
        """A string that comes again: of the model, of who publishes, or of an enumeration."""
        word = self._words.get(text)
        if word is None:
            if len(self._words) >= _KEPT:
                self._words.clear()
            word = self._words[text] = quoted(text)
        return word

    def seconds(self, us: int) -> bytes:
        """µs in seconds; a model has few limits, which come again."""
        text = self._seconds.get(us)
        if text is None:
            if len(self._seconds) >= _KEPT:
                self._seconds.clear()
            text = self._seconds[us] = number(us / 1_000_000)
        return text

    def why(self, en: str, zh: str) -> None:
        """The plain reasons in two languages."""
        out = self.out
        out.write(b',"why":{"en":')
        out.write(quoted(en))
        out.write(b',"zh":')
        out.write(quoted(zh))
        out.write(b"}")

    def model(self, version: str, hash_: str) -> None:
        """Which rules have spoken."""
        out = self.out
        out.write(b',"model":{"version":')
        out.write(self.word(version))
        out.write(b',"hash":')
        out.write(self.word(hash_))
        out.write(b"}")

    def end(self, topic: str, lead_id: str, trace: str | None) -> Message:
        """The event as a record."""
        self.out.write(b"}}")
        headers: Headers = _HEADERS
        if trace is not None:
            headers = (*_HEADERS, ("traceparent", trace.encode()))
        value = self.out.getvalue()
        return make(Message, (topic, lead_id.encode("utf-8"), value, headers, None, None))
