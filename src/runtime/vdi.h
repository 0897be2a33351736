/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_VDI_H
#define RUNTIME_VDI_H

#include <stddef.h>
#include <stdint.h>

/*
 * The vocabulary of the Virtual Device Interface: status codes, feature bits,
 * command codes, completion codes and the three structures, under the names
 * of the reference, so that it can be read beside this code.
 *
 * Source: the VDI reference's VDConfig, VDC_Command and VDS_Command topics
 * and the sample headers (spec sections 2 and 3).  All three structures are
 * declared under 8-byte packing; the sizes asserted below are those of 64-bit
 * Windows and of Linux.
 */

typedef int32_t vd_status;

/* Status codes: HRESULTs of facility 0x77 (spec 3.4). */
#define VD_NOERROR ((vd_status)0)
#define VD_E_NOTOPEN ((vd_status)0x80770002)
#define VD_E_TIMEOUT ((vd_status)0x80770003)
#define VD_E_ABORT ((vd_status)0x80770004)
#define VD_E_SECURITY ((vd_status)0x80770005)
#define VD_E_INVALID ((vd_status)0x80770006)
#define VD_E_INSTANCE_NAME ((vd_status)0x80770007)
/* No public header numbers VD_E_IO_ERROR; 8 is a free slot (spec 26 #13). */
#define VD_E_IO_ERROR ((vd_status)0x80770008)
#define VD_E_NOTSUPPORTED ((vd_status)0x80770009)
#define VD_E_MEMORY ((vd_status)0x8077000A)
#define VD_E_UNEXPECTED ((vd_status)0x8077000B)
#define VD_E_PROTOCOL ((vd_status)0x8077000C)
#define VD_E_OPEN ((vd_status)0x8077000D)
#define VD_E_CLOSE ((vd_status)0x8077000E)
#define VD_E_BUSY ((vd_status)0x8077000F)
#define VD_E_QUEUE_FULL VD_E_BUSY

/* Feature bits of VDConfig.features (spec 3.1). */
#define VDF_Removable 0x00000001u
#define VDF_Rewind 0x00000002u
#define VDF_Position 0x00000010u
#define VDF_SkipBlocks 0x00000020u
#define VDF_ReversePosition 0x00000040u
#define VDF_Discard 0x00000080u
#define VDF_FileMarks 0x00000100u
#define VDF_RandomAccess 0x00000200u
#define VDF_SnapshotPrepare 0x00000400u
#define VDF_EnumFrozenFiles 0x00000800u
#define VDF_VSSWriter 0x00001000u
#define VDF_RequestComplete 0x00002000u
#define VDF_WriteMedia 0x00010000u
#define VDF_ReadMedia 0x00020000u
#define VDF_CompleteEnabled 0x00040000u
#define VDF_LatchStats 0x80000000u
#define VDF_LikePipe 0u
#define VDF_LikeTape 0x00000173u
#define VDF_LikeDisk 0x00000200u

/* Command codes (spec 3.2). */
enum vdc_code {
	VDC_Read = 1,
	VDC_Write = 2,
	VDC_ClearError = 3,
	VDC_Rewind = 4,
	VDC_WriteMark = 5,
	VDC_SkipMarks = 6,
	VDC_SkipBlocks = 7,
	VDC_Load = 8,
	VDC_GetPosition = 9,
	VDC_SetPosition = 10,
	VDC_Discard = 11,
	VDC_Flush = 12,
	VDC_Snapshot = 13,
	VDC_MountSnapshot = 14,
	VDC_PrepareToFreeze = 15,
	VDC_FileInfoBegin = 16,
	VDC_FileInfoEnd = 17,
	VDC_GetError = 18,
	VDC_Complete = 19
};

/* Completion codes: Win32 status values (spec 3.5), under a prefix of ours
 * because winerror.h owns the plain names. */
#define VD_ERROR_SUCCESS 0u
#define VD_ERROR_INVALID_HANDLE 6u
#define VD_ERROR_READ_FAULT 30u
#define VD_ERROR_HANDLE_EOF 38u
#define VD_ERROR_HANDLE_DISK_FULL 39u
#define VD_ERROR_NOT_SUPPORTED 50u
#define VD_ERROR_INVALID_PARAMETER 87u
#define VD_ERROR_DISK_FULL 112u
#define VD_ERROR_OPERATION_ABORTED 995u
#define VD_ERROR_END_OF_MEDIA 1100u
#define VD_ERROR_FILEMARK_DETECTED 1101u
#define VD_ERROR_NO_DATA_DETECTED 1104u
#define VD_ERROR_IO_DEVICE 1117u
#define VD_ERROR_EOM_OVERFLOW 1129u
#define VD_ERROR_NO_SYSTEM_RESOURCES 1450u
#define VD_ERROR_CRC 23u
#define VD_ERROR_WRITE_FAULT 29u

/* Limits (spec 6.3, 7.2, 2.1). */
#define VD_MAX_DEVICES 64u
#define VD_MIN_BLOCK_SIZE 512u
#define VD_MAX_BLOCK_SIZE 65536u
#define VD_MIN_TRANSFER_SIZE 65536u
#define VD_MAX_TRANSFER_SIZE 4194304u
#define VD_MAX_ALIGNMENT 65536u
/* T-SQL keeps physical device names in nvarchar(260) (spec 28 #9). */
#define VD_MAX_NAME 260u

struct VDConfig {
	uint32_t deviceCount;
	uint32_t features;
	uint32_t prefixZoneSize;
	uint32_t alignment;
	uint32_t softFileMarkBlockSize;
	uint32_t EOMWarningSize;
	uint32_t serverTimeOut; /* ms, 0: none */
	uint32_t blockSize;
	uint32_t maxIODepth;
	uint32_t maxTransferSize;
	uint32_t bufferAreaSize;
};

struct VDC_Command {
	int32_t commandCode;
	int32_t size;
	int64_t position;
	uint8_t *buffer;
};

struct VDS_Command;
typedef void vds_completion(struct VDS_Command *);

struct VDS_Command {
	int32_t commandCode;
	int32_t size;
	int64_t inPosition;
	int64_t outPosition;
	uint8_t *buffer;
	vds_completion *completionRoutine;
	void *completionContext;
	int32_t completionCode;
	int32_t bytesTransferred;
};

_Static_assert(sizeof(struct VDConfig) == 44, "VDConfig is 44 bytes");
#if UINTPTR_MAX == UINT64_MAX
_Static_assert(sizeof(struct VDC_Command) == 24, "VDC_Command is 24 bytes");
_Static_assert(sizeof(struct VDS_Command) == 56, "VDS_Command is 56 bytes");
#endif

/* "VD_E_ABORT", "VDC_Write", "ERROR_DISK_FULL"; never NULL. */
const char *vdi_status_name(vd_status status);
const char *vdi_command_name(int32_t code);
const char *vdi_completion_name(uint32_t code);
/* What a completion code means, in words for a message. */
const char *vdi_completion_text(uint32_t code);

#endif
