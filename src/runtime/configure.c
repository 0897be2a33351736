/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "runtime/configure.h"

#include <string.h>

#define SERVER_BITS (VDF_WriteMedia | VDF_ReadMedia | VDF_CompleteEnabled)
/* Bits that may be added to any family. */
#define EXTRA_BITS                                                             \
	(VDF_Discard | VDF_SnapshotPrepare | VDF_EnumFrozenFiles |             \
	    VDF_VSSWriter | VDF_RequestComplete | VDF_LatchStats)
#define MAX_PREFIX 1048576u
#define IO_DEPTH 4u /* of no meaning any more (spec 2.1) */

static bool
is_power_of_two(uint32_t value)
{
	return (value != 0 && (value & (value - 1)) == 0);
}

static bool
is_family(uint32_t features)
{
	switch (features & ~EXTRA_BITS) {
	case VDF_LikePipe:
	case VDF_LikePipe | VDF_Removable:
	case VDF_LikeTape:
	case VDF_LikeDisk:
	case VDF_LikeDisk | VDF_Removable:
		return (true);
	default:
		return (false);
	}
}

vd_status
configure_wishes(const struct VDConfig *given, struct VDConfig *wishes)
{
	struct VDConfig made = { 0 };

	made.deviceCount = given->deviceCount;
	made.features = given->features & ~SERVER_BITS;
	made.prefixZoneSize = given->prefixZoneSize;
	made.alignment = given->alignment;
	made.softFileMarkBlockSize = given->softFileMarkBlockSize;
	made.EOMWarningSize = given->EOMWarningSize;
	made.serverTimeOut = given->serverTimeOut;
	if (made.deviceCount < 1 || made.deviceCount > VD_MAX_DEVICES ||
	    !is_family(made.features) || made.prefixZoneSize > MAX_PREFIX)
		return (VD_E_NOTSUPPORTED);
	if (made.alignment != 0 && (!is_power_of_two(made.alignment) ||
	    made.alignment > VD_MAX_ALIGNMENT))
		return (VD_E_NOTSUPPORTED);
	if (made.softFileMarkBlockSize != 0 &&
	    (made.features & VDF_FileMarks) == 0)
		return (VD_E_NOTSUPPORTED);
	*wishes = made;
	return (VD_NOERROR);
}

vd_status
configure_decide(const struct VDConfig *wishes, uint32_t features,
    uint32_t block_size, uint32_t alignment, uint32_t max_transfer_size,
    struct VDConfig *decision)
{
	uint32_t added = features & SERVER_BITS;

	if (alignment == 0)
		alignment = block_size;
	if (!is_power_of_two(block_size) || block_size < VD_MIN_BLOCK_SIZE ||
	    block_size > VD_MAX_BLOCK_SIZE || !is_power_of_two(alignment) ||
	    alignment < block_size || alignment > VD_MAX_ALIGNMENT ||
	    max_transfer_size < VD_MIN_TRANSFER_SIZE ||
	    max_transfer_size > VD_MAX_TRANSFER_SIZE ||
	    max_transfer_size % VD_MIN_TRANSFER_SIZE != 0)
		return (VD_E_INVALID);
	/* A client that did not ask must never see VDC_Complete. */
	if ((wishes->features & VDF_RequestComplete) == 0)
		added &= ~VDF_CompleteEnabled;
	*decision = *wishes;
	decision->features |= added;
	decision->blockSize = block_size;
	decision->alignment = alignment > wishes->alignment ? alignment :
	    wishes->alignment;
	decision->maxTransferSize = max_transfer_size;
	decision->maxIODepth = IO_DEPTH;
	decision->bufferAreaSize = max_transfer_size * IO_DEPTH *
	    wishes->deviceCount;
	return (VD_NOERROR);
}

bool
configure_is_decision(const struct VDConfig *wishes,
    const struct VDConfig *decision)
{
	struct VDConfig made;

	if (configure_decide(wishes, decision->features, decision->blockSize,
	    decision->alignment, decision->maxTransferSize, &made) !=
	    VD_NOERROR)
		return (false);
	return (memcmp(&made, decision, sizeof(made)) == 0);
}
