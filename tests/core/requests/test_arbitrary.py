"""Whatever an address or a message says, it is a request or is refused with a sentence: nothing else happens."""

import json

from hypothesis import given
from hypothesis import strategies as st

from core.engine import ask, key_of, needs, seconds_on_cpu
from core.requests import KINDS, TextRequest, from_mapping, to_json
from core.requests.wire import from_address, from_json, to_address
from core.types import Refused
from tests.arbitrary import FEW, JSON, MANY, REQUESTS, mapping


def built(make, *given_to):
    """What it gives, or None where it is refused with a sentence."""
    try:
        return make(*given_to)
    except Refused as refusal:
        assert str(refusal).strip().endswith((".", "?", ")")), str(refusal)
        return None


@MANY
@given(REQUESTS)
def test_json_is_a_request_or_refused(one):
    name, fields = one
    request = built(from_json, name, json.dumps(fields))
    if request is not None:
        assert isinstance(request, KINDS[name])
        assert from_json(name, to_json(request)) == request
        assert hash(key_of(request)) is not None and needs(request) >= 0 and seconds_on_cpu(request) >= 0


@MANY
@given(REQUESTS, st.dictionaries(st.text(max_size=6), st.text(max_size=12), max_size=2))
def test_an_address_is_a_request_or_refused(one, more):
    name, fields = one
    written = (
        {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}
        if (isinstance(fields, dict))
        else {"x": json.dumps(fields)}
    )
    request = built(from_address, {**written, **more, "ask": name})
    if request is not None:
        assert from_address(to_address(request)) == request


@MANY
@given(mapping(TextRequest) | st.dictionaries(st.text(max_size=6), JSON, max_size=3))
def test_what_a_browser_sends_is_a_request_or_refused(fields):
    request = built(from_mapping, fields)
    assert request is None or isinstance(request, TextRequest)


@FEW
@given(REQUESTS)
def test_whatever_is_asked_is_answered_or_refused(one):
    """Models are asked in earnest: the built-in ones, names that lead nowhere, and any field beside them."""
    name, fields = one
    request = built(from_json, name, json.dumps(fields))
    if request is not None and name not in ("AlignmentReader", "ProjectionRequest"):
        built(ask, request)
