/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "runtime/vdi.h"

#include "base/attr.h"

struct status_name {
	vd_status status;
	const char *name;
};

static const struct status_name statuses[] = {
	{ VD_NOERROR, "NOERROR" },
	{ VD_E_NOTOPEN, "VD_E_NOTOPEN" },
	{ VD_E_TIMEOUT, "VD_E_TIMEOUT" },
	{ VD_E_ABORT, "VD_E_ABORT" },
	{ VD_E_SECURITY, "VD_E_SECURITY" },
	{ VD_E_INVALID, "VD_E_INVALID" },
	{ VD_E_INSTANCE_NAME, "VD_E_INSTANCE_NAME" },
	{ VD_E_IO_ERROR, "VD_E_IO_ERROR" },
	{ VD_E_NOTSUPPORTED, "VD_E_NOTSUPPORTED" },
	{ VD_E_MEMORY, "VD_E_MEMORY" },
	{ VD_E_UNEXPECTED, "VD_E_UNEXPECTED" },
	{ VD_E_PROTOCOL, "VD_E_PROTOCOL" },
	{ VD_E_OPEN, "VD_E_OPEN" },
	{ VD_E_CLOSE, "VD_E_CLOSE" },
	{ VD_E_BUSY, "VD_E_BUSY" },
};

static const char *const commands[] = {
	[VDC_Read] = "VDC_Read",
	[VDC_Write] = "VDC_Write",
	[VDC_ClearError] = "VDC_ClearError",
	[VDC_Rewind] = "VDC_Rewind",
	[VDC_WriteMark] = "VDC_WriteMark",
	[VDC_SkipMarks] = "VDC_SkipMarks",
	[VDC_SkipBlocks] = "VDC_SkipBlocks",
	[VDC_Load] = "VDC_Load",
	[VDC_GetPosition] = "VDC_GetPosition",
	[VDC_SetPosition] = "VDC_SetPosition",
	[VDC_Discard] = "VDC_Discard",
	[VDC_Flush] = "VDC_Flush",
	[VDC_Snapshot] = "VDC_Snapshot",
	[VDC_MountSnapshot] = "VDC_MountSnapshot",
	[VDC_PrepareToFreeze] = "VDC_PrepareToFreeze",
	[VDC_FileInfoBegin] = "VDC_FileInfoBegin",
	[VDC_FileInfoEnd] = "VDC_FileInfoEnd",
	[VDC_GetError] = "VDC_GetError",
	[VDC_Complete] = "VDC_Complete",
};

struct completion_name {
	uint32_t code;
	const char *name;
	const char *text;
};

static const struct completion_name completions[] = {
	{ VD_ERROR_SUCCESS, "ERROR_SUCCESS", "success" },
	{ VD_ERROR_INVALID_HANDLE, "ERROR_INVALID_HANDLE",
	    "the device is not active" },
	{ VD_ERROR_CRC, "ERROR_CRC", "data error (checksum)" },
	{ VD_ERROR_WRITE_FAULT, "ERROR_WRITE_FAULT",
	    "the device cannot be written to" },
	{ VD_ERROR_READ_FAULT, "ERROR_READ_FAULT",
	    "the device cannot be read from" },
	{ VD_ERROR_HANDLE_EOF, "ERROR_HANDLE_EOF", "end of the stream" },
	{ VD_ERROR_HANDLE_DISK_FULL, "ERROR_HANDLE_DISK_FULL",
	    "the disk is full" },
	{ VD_ERROR_NOT_SUPPORTED, "ERROR_NOT_SUPPORTED",
	    "the request is not supported" },
	{ VD_ERROR_INVALID_PARAMETER, "ERROR_INVALID_PARAMETER",
	    "the parameter is incorrect" },
	{ VD_ERROR_DISK_FULL, "ERROR_DISK_FULL",
	    "there is not enough space on the disk" },
	{ VD_ERROR_OPERATION_ABORTED, "ERROR_OPERATION_ABORTED",
	    "the operation was aborted" },
	{ VD_ERROR_END_OF_MEDIA, "ERROR_END_OF_MEDIA",
	    "the end of the medium is near" },
	{ VD_ERROR_FILEMARK_DETECTED, "ERROR_FILEMARK_DETECTED",
	    "a filemark was reached" },
	{ VD_ERROR_NO_DATA_DETECTED, "ERROR_NO_DATA_DETECTED",
	    "no more data on the medium" },
	{ VD_ERROR_IO_DEVICE, "ERROR_IO_DEVICE",
	    "an earlier command failed on this device" },
	{ VD_ERROR_EOM_OVERFLOW, "ERROR_EOM_OVERFLOW",
	    "the end of the medium was passed" },
	{ VD_ERROR_NO_SYSTEM_RESOURCES, "ERROR_NO_SYSTEM_RESOURCES",
	    "the device's queue is full" },
};

const char *
vdi_status_name(vd_status status)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(statuses); i++)
		if (statuses[i].status == status)
			return (statuses[i].name);
	return ("unknown status");
}

const char *
vdi_command_name(int32_t code)
{
	if (code < 1 || (size_t)code >= ARRAY_COUNT(commands))
		return ("unknown command");
	return (commands[code]);
}

const char *
vdi_completion_name(uint32_t code)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(completions); i++)
		if (completions[i].code == code)
			return (completions[i].name);
	return ("unknown completion code");
}

const char *
vdi_completion_text(uint32_t code)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(completions); i++)
		if (completions[i].code == code)
			return (completions[i].text);
	return ("an error without a name");
}
