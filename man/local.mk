# SPDX-License-Identifier: Apache-2.0
dist_man_MANS += man/vdibackup.1
dist_man_MANS += man/vdi-engine.1
dist_man_MANS += man/vdibackup-manifest.5
if SQLVDI
dist_man_MANS += man/libsqlvdi.3
else
EXTRA_DIST += man/libsqlvdi.3
endif
