"""What the pool publishes is, to the byte, what its structs say."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from scorer.contracts.encode_pool import PoolEncoder
from scorer.contracts.instants import LAST_US
from scorer.contracts.published_pool import read_pool_output
from scorer.domain.followup.outputs import (
    About,
    Deadline,
    FollowUpDue,
    HandedOver,
    Met,
    PoolOutput,
    Reason,
    Returned,
    Stage,
    Summary,
    Touched,
    Voided,
)
from scorer.domain.followup.policy import Clock
from scorer.domain.outputs import Tier
from tests.contracts.pool_as_structs import as_bytes

SOURCE = '/lead-scorer/"test"/pool'
encoder = PoolEncoder(SOURCE)
texts = st.text(max_size=20)  # no surrogates: hypothesis leaves them out where they cannot be UTF-8
perhaps = st.none() | texts
instants = st.integers(-86_400_000_000, LAST_US)
dues = st.integers(0, 2 * LAST_US)  # a limit in working time may never be reached
durations = st.integers(0, 10**15)
counts = st.integers(0, 1_000)
floats = st.floats(-1e9, 1e9)
abouts = st.builds(
    About, texts, texts, instants, texts, perhaps, st.sampled_from(Tier), perhaps, texts, texts
)
deadlines = st.builds(Deadline, st.sampled_from(Clock), instants, durations, dues)
touches = st.lists(st.builds(Touched, instants, texts, perhaps), max_size=5).map(tuple)
summaries = st.builds(Summary, counts, touches, st.none() | floats, texts, texts)
reasons = st.sampled_from(Reason)
outputs = st.one_of(
    st.builds(
        FollowUpDue, abouts, deadlines, st.sampled_from(Stage), texts, counts, counts, st.booleans()
    ),
    st.builds(
        Returned, abouts, st.none() | deadlines, reasons, texts, perhaps, st.booleans(), counts, instants,
        st.none() | instants, counts, summaries,
    ),
    st.builds(HandedOver, abouts, texts, instants, summaries),
    st.builds(
        Voided, abouts, st.none() | deadlines, reasons, texts, instants, texts, texts, texts, instants,
        st.none() | dues,
    ),
    st.builds(Met, abouts, deadlines, durations, texts, perhaps),
)  # fmt: skip
ABOUT = About("id", "lead", 1, "e", None, Tier.COLD, None, "1", "h")


@given(outputs)
@example(
    Returned(
        ABOUT, None, Reason.OWNER_LEFT, "", None, False, 0, 0, None, 0, Summary(0, (), None, "", "")
    )
)
@example(
    FollowUpDue(ABOUT, Deadline(Clock.UNASSIGNED, 0, 0, LAST_US), Stage.EXPIRED, "", 0, 0, False)
)
def test_the_bytes_are_those_of_the_structs(output: PoolOutput) -> None:
    message = encoder.message(output)

    assert message.value is not None
    assert message.value == as_bytes(output, SOURCE)
    assert message.key == output.about.lead_id.encode()
    assert read_pool_output(message.value).id == output.about.id
