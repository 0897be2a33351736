# SPDX-License-Identifier: Apache-2.0
TESTS += tests/e2e/report.sh tests/e2e/usage.sh
EXTRA_DIST += tests/init.sh tests/e2e/report.sh tests/e2e/usage.sh
