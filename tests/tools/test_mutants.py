"""The table of planted faults holds against the sources: each text stands once, each test is there."""

from dataclasses import replace

import pytest

from benchmarks.mutants.table import ROOT, mutants, planted, read

TABLE = mutants()


@pytest.mark.parametrize("name", TABLE)
def test_a_fault_can_be_planted_and_changes_something(name):
    mutant = TABLE[name]
    source = read(mutant)
    assert source, f"there is no {mutant.file}"
    assert planted(source, mutant) != source
    # Tests of scripts are run by node, and may not be there yet.
    assert mutant.runner == "node" or all((ROOT / test).exists() for test in mutant.tests)


def test_a_text_that_stands_twice_or_nowhere_is_refused():
    mutant = next(iter(TABLE.values()))
    for source, count in (("", 0), (mutant.find * 2, 2)):
        with pytest.raises(ValueError, match=f"stands {count} times"):
            planted(source, mutant)
    assert planted(f"a{mutant.find}b", replace(mutant, replace="x")) == "axb"


def test_a_name_stands_once(tmp_path):
    entry = '[[mutant]]\nname = "x"\nfile = "f"\nfind = "a"\nreplace = "b"\ntests = []\nwhy = "w"\n'
    (tmp_path / "one.toml").write_text(entry)
    assert list(mutants(tmp_path)) == ["x"]
    (tmp_path / "two.toml").write_text(entry)
    with pytest.raises(ValueError, match="x stands twice"):
        mutants(tmp_path)
