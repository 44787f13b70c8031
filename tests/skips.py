"""A test that is left out where nobody looks on (CI) is a failure, unless its reason is one of REASONS."""

from __future__ import annotations

import os

import pytest

#: How the reason of a test begins that may be left out.
REASONS = ("no GPU", "no Firefox", "no real checkpoints", "no nginx", "not on Windows: ")


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("CI") and not hasattr(config, "workerinput"):  # of several processes, the one that tells
        config.pluginmanager.register(LeftOut())


class LeftOut:
    """Gathers what was left out, and fails the run for it."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.note(report)

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = str(report.longrepr[2]).removeprefix("Skipped: ")
            if not reason.startswith(REASONS):
                self.found.append(f"{report.nodeid}: {reason}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.found and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.found:
            terminalreporter.section("left out, and not for a reason of tests/skips.py", red=True)
            for line in self.found:
                terminalreporter.line(line)
