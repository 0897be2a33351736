# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += doc/architecture.md doc/failure-model.md doc/format.md \
	doc/states.md doc/performance.md
