/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROVIDER_NATIVE_H
#define PROVIDER_NATIVE_H

#include "provider/provider.h"

/*
 * The provider over our own runtime (runtime/client.h).  It is always usable;
 * who has to speak the same runtime is the server.
 */
extern const struct provider_ops native_ops;

#endif
