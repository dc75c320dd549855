"""`build --verify` tells where each duty stands in each format, and what does not stand there."""

from __future__ import annotations

from dataclasses import replace

from aggregator.model.output import Format
from aggregator.service.build import prove_output
from aggregator.service.house import House
from tests.service.conftest import Clock


async def test_every_duty_of_every_entry_is_told_with_its_place_in_every_format(house: House, clock: Clock):
    output = house.world.outputs["community"]
    proofs = await prove_output(output, house.world, house.store, house.renderer, clock())
    standing = await house.store.open_releases("community")
    assert {proof.entry for proof in proofs} == set(standing)
    for proof in proofs:
        assert proof.problems == ()
        duties = {found.duty for found in proof.found}
        assert all({one.format for one in proof.found if one.duty == duty} == set(output.formats) for duty in duties)
    said = {(found.format, found.where) for proof in proofs for found in proof.found}
    assert any(format_ is Format.RSS and "dc:creator" in where for format_, where in said)
    assert any(format_ is Format.ATOM and "link to http" in where for format_, where in said)


async def test_bytes_that_are_not_published_prove_nothing(house: House, clock: Clock):
    output = replace(house.world.outputs["community"], language="de")
    proofs = await prove_output(output, house.world, house.store, house.renderer, clock())
    assert all("does not stand in the published document" in proof.problems[0] for proof in proofs)
