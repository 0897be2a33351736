# SPDX-License-Identifier: Apache-2.0
dist_bashcomp_DATA = completions/vdibackup
zshcompdir = $(datadir)/zsh/site-functions
dist_zshcomp_DATA = completions/_vdibackup
