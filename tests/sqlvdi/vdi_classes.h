/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SQLVDI_VDI_CLASSES_H
#define TESTS_SQLVDI_VDI_CLASSES_H

/*
 * The public shape of the vendor's library on Linux, for the C++ programs of
 * these tests: written from the VDI reference (spec 2, 3 and 23), so that a
 * program that includes this header needs of a library what one that includes
 * the vendor's needs.
 */

#include <cstddef>
#include <cstdint>
#include <ctime>

#pragma pack(push, 8)

struct VDConfig {
	uint32_t deviceCount, features, prefixZoneSize, alignment;
	uint32_t softFileMarkBlockSize, EOMWarningSize, serverTimeOut;
	uint32_t blockSize, maxIODepth, maxTransferSize, bufferAreaSize;
};

struct VDC_Command {
	int32_t commandCode;
	int32_t size;
	int64_t position;
	uint8_t *buffer;
};

#pragma pack(pop)

static_assert(sizeof(VDConfig) == 44 && alignof(VDConfig) == 4, "VDConfig");
static_assert(sizeof(VDC_Command) == 24 && offsetof(VDC_Command, size) == 4 &&
    offsetof(VDC_Command, position) == 8 && offsetof(VDC_Command, buffer) == 16,
    "VDC_Command");

class CVD;
class CVDS;
class ClientVirtualDeviceSet;

class ClientVirtualDevice {
public:
	ClientVirtualDevice();
	~ClientVirtualDevice();
	int GetCommand(time_t timeOut, VDC_Command **command);
	int CompleteCommand(VDC_Command *command, int completionCode,
	    unsigned long bytesTransferred, int64_t position);

private:
	CVD *cvd;
	friend class ClientVirtualDeviceSet;
};

class ClientVirtualDeviceSet {
public:
	ClientVirtualDeviceSet();
	~ClientVirtualDeviceSet();
	int Create(char *name, VDConfig *config);
	int GetConfiguration(time_t timeOut, VDConfig *config);
	int OpenDevice(char *name, ClientVirtualDevice **device);
	int Close();
	int SignalAbort();
	int OpenInSecondary(char *setName);
	int GetBufferHandle(uint8_t *buffer, unsigned int *handle);
	int MapBufferHandle(int handle, uint8_t **buffer);
	void RegisterDeviceClosed();

private:
	CVDS *cvds;
};

static_assert(sizeof(ClientVirtualDevice) == 8, "ClientVirtualDevice");
static_assert(sizeof(ClientVirtualDeviceSet) == 8, "ClientVirtualDeviceSet");

constexpr int
vd_error(unsigned code)
{
	return (static_cast<int>(0x80770000u | code));
}

constexpr int VD_NOERROR = 0;
constexpr int VD_E_TIMEOUT = vd_error(3);
constexpr int VD_E_ABORT = vd_error(4);
constexpr int VD_E_INVALID = vd_error(6);
constexpr int VD_E_PROTOCOL = vd_error(12);
constexpr int VD_E_OPEN = vd_error(13);
constexpr int VD_E_CLOSE = vd_error(14);

constexpr uint32_t VDF_WriteMedia = 0x10000;

constexpr int VDC_Read = 1;
constexpr int VDC_Write = 2;
constexpr int VDC_ClearError = 3;
constexpr int VDC_Flush = 12;
constexpr int VDC_Complete = 19;

constexpr int ERROR_SUCCESS = 0;
constexpr int ERROR_HANDLE_EOF = 38;
constexpr int ERROR_NOT_SUPPORTED = 50;
constexpr int ERROR_DISK_FULL = 112;

#endif
