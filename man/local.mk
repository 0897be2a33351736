# SPDX-License-Identifier: Apache-2.0
dist_man_MANS += man/vdibackup.1
dist_man_MANS += man/vdi-engine.1
dist_man_MANS += man/vdibackup-manifest.5
