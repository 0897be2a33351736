/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQLVDI_ABI_H
#define SQLVDI_ABI_H

/*
 * The vendor's class ABI on Linux, as C functions under the names that a C++
 * compiler gives to the methods (spec 23.2, 23.3).
 */

#define SQLVDI_EXPORT __attribute__((visibility("default")))

/* What the caller allocates: eight bytes that hold a pointer of ours. */
struct sqlvdi_set_object {
	struct client_set *set;
};
_Static_assert(sizeof(struct sqlvdi_set_object) == 8,
    "the caller's compiler allocates eight bytes");

SQLVDI_EXPORT void sqlvdi_set_construct(struct sqlvdi_set_object *object)
    __asm__("_ZN22ClientVirtualDeviceSetC1Ev");
SQLVDI_EXPORT void sqlvdi_set_construct_base(struct sqlvdi_set_object *object)
    __asm__("_ZN22ClientVirtualDeviceSetC2Ev");
SQLVDI_EXPORT void sqlvdi_set_destroy(struct sqlvdi_set_object *object)
    __asm__("_ZN22ClientVirtualDeviceSetD1Ev");
SQLVDI_EXPORT void sqlvdi_set_destroy_base(struct sqlvdi_set_object *object)
    __asm__("_ZN22ClientVirtualDeviceSetD2Ev");

#endif
