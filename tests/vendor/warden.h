/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VENDOR_WARDEN_H
#define TESTS_VENDOR_WARDEN_H

/*
 * A library that stands between a client and the stand-in for the vendor's:
 * the same names, each call handed on, after a look whether the client keeps
 * the rules that no document allows anybody to break:
 *
 *     an object is constructed once, destroyed once, and closed before that
 *     Create, GetConfiguration until it succeeds, OpenDevice, device calls
 *     while an object can be made the umask leaves the group its rights and
 *         others none
 *     nothing is called on a device, or on a set but Create, after Close
 *     SignalAbort does not run beside Close
 *     one thread in GetCommand of a device, one in CompleteCommand
 *     a time-out is 0, or at most WARDEN_UNITS_MAX
 *     a device object is never destroyed
 *
 * Whoever breaks one has his process aborted, with a line on standard error.
 * Constructor and destructor have the names of the base variants alone, with
 * which a library may do.
 *
 * The environment:
 *   WARDEN_LIBRARY      the library behind; required
 *   WARDEN_CREATE       what Create answers instead, in hexadecimal; likewise
 *   WARDEN_CONFIGURE    GetConfiguration
 *   WARDEN_OPEN         OpenDevice
 *   WARDEN_ONE          one set for each process: another is VD_E_PROTOCOL
 *   WARDEN_SECONDS      time-outs are seconds
 */
#define WARDEN_UNITS_MAX 1000

#endif
