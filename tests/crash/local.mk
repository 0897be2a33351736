# SPDX-License-Identifier: Apache-2.0
# kill -9 of either side at each phase.
TESTS += tests/crash/kill.sh
EXTRA_DIST += tests/crash/kill.sh
