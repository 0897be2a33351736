/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CONFIGURE_H
#define RUNTIME_CONFIGURE_H

#include "runtime/vdi.h"

#include <stdbool.h>

/*
 * The negotiation of a set's configuration as pure functions (spec section
 * 7): what a client may wish, what a server may decide, what comes out.
 */

/*
 * The client's wishes in the form in which they are published: the fields
 * that are the server's to fill in are zeroed, and bits that are the
 * server's to set are dropped, because clients reuse the structure.
 * VD_E_NOTSUPPORTED: a field is invalid or unsupported (spec 3.1, 7.4).
 */
vd_status configure_wishes(const struct VDConfig *given,
    struct VDConfig *wishes);

/*
 * BeginConfiguration's arguments, in the header's order, merged with the
 * wishes.  VD_E_INVALID: out of range (spec 6.3).
 */
vd_status configure_decide(const struct VDConfig *wishes, uint32_t features,
    uint32_t block_size, uint32_t alignment, uint32_t max_transfer_size,
    struct VDConfig *decision);

/* Could this decision have come from configure_decide with these wishes? */
bool configure_is_decision(const struct VDConfig *wishes,
    const struct VDConfig *decision);

#endif
