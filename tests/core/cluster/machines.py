"""A cluster of several nodes on this machine, started by our own command, whose nodes can be lost."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

from core.cluster.asking import serves
from launch.ports import free
from tests.chromium import free_port
from tests.core.measures.until import until  # noqa: F401
