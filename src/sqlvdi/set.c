/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "runtime/client.h"
#include "sqlvdi/abi.h"

void
sqlvdi_set_construct(struct sqlvdi_set_object *object)
{
	object->set = client_set_new();
}

void
sqlvdi_set_destroy(struct sqlvdi_set_object *object)
{
	client_set_free(object->set);
	object->set = NULL;
}

/* A class without virtual bases: both variants are one function. */
void sqlvdi_set_construct_base(struct sqlvdi_set_object *object)
    __attribute__((alias("_ZN22ClientVirtualDeviceSetC1Ev")));
void sqlvdi_set_destroy_base(struct sqlvdi_set_object *object)
    __attribute__((alias("_ZN22ClientVirtualDeviceSetD1Ev")));
