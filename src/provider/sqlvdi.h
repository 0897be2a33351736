/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROVIDER_SQLVDI_H
#define PROVIDER_SQLVDI_H

#include "provider/provider.h"

/*
 * The provider over SQL Server's own client library on Linux, libsqlvdi.so
 * (spec 23), which library.h finds and loads.  It is usable where the library
 * is; what has to fit the library is the server, which comes with it.
 *
 * Objects.  A set is constructed once, in memory of ours, and destroyed once,
 * after Close.  Devices are made by OpenDevice and are the library's: no
 * document says who deletes them, the vendor's sample does not, and neither
 * does this provider.  None is used after Close.
 *
 * Threads, on top of what provider.h asks for: SignalAbort never runs beside
 * or after Close; the completions of one device come one after another, since
 * a device is meant to be driven by one thread (spec 5.12).  A completion may
 * come while another thread waits in GetCommand: no document forbids it, and
 * a client with several commands under way depends on it.
 *
 * Time-outs: patience.h; a call may take up to a second or two longer than
 * asked for.  SignalAbort ends every wait.
 *
 * Rights: access.h.  The umask leaves the group its rights in Create,
 * GetConfiguration and OpenDevice.
 */
extern const struct provider_ops sqlvdi_ops;

#endif
