/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CLASSES_H
#define RUNTIME_CLASSES_H

/*
 * The two classes of SQL Server's client library on Linux, libsqlvdi.so, as
 * the linker knows them: the names that g++ and clang++ give to the methods of
 * the vendor's header (spec 23.3).  Names alone, for whoever exports such
 * functions and for whoever calls them; what they take is said there, what
 * they answer in client.h.
 *
 * The first argument of each is the object.  C1 and D1 make and end a complete
 * object, C2 and D2 the part of one that is a base class; for classes without
 * virtual bases both do the same.  D0, which would delete as well, exists for
 * virtual destructors only.
 */

#define CLASSES_SET "_ZN22ClientVirtualDeviceSet"
#define CLASSES_SET_CONSTRUCT CLASSES_SET "C1Ev"
#define CLASSES_SET_CONSTRUCT_BASE CLASSES_SET "C2Ev"
#define CLASSES_SET_DESTROY CLASSES_SET "D1Ev"
#define CLASSES_SET_DESTROY_BASE CLASSES_SET "D2Ev"
#define CLASSES_SET_CREATE CLASSES_SET "6CreateEPcP8VDConfig"
#define CLASSES_SET_GET_CONFIGURATION                                          \
	CLASSES_SET "16GetConfigurationElP8VDConfig"
#define CLASSES_SET_OPEN_DEVICE                                                \
	CLASSES_SET "10OpenDeviceEPcPP19ClientVirtualDevice"
#define CLASSES_SET_CLOSE CLASSES_SET "5CloseEv"
#define CLASSES_SET_SIGNAL_ABORT CLASSES_SET "11SignalAbortEv"
#define CLASSES_SET_OPEN_IN_SECONDARY CLASSES_SET "15OpenInSecondaryEPc"
#define CLASSES_SET_GET_BUFFER_HANDLE CLASSES_SET "15GetBufferHandleEPhPj"
#define CLASSES_SET_MAP_BUFFER_HANDLE CLASSES_SET "15MapBufferHandleEiPPh"
#define CLASSES_SET_REGISTER_DEVICE_CLOSED                                     \
	CLASSES_SET "20RegisterDeviceClosedEv"

#define CLASSES_DEVICE "_ZN19ClientVirtualDevice"
#define CLASSES_DEVICE_CONSTRUCT CLASSES_DEVICE "C1Ev"
#define CLASSES_DEVICE_CONSTRUCT_BASE CLASSES_DEVICE "C2Ev"
#define CLASSES_DEVICE_DESTROY CLASSES_DEVICE "D1Ev"
#define CLASSES_DEVICE_DESTROY_BASE CLASSES_DEVICE "D2Ev"
#define CLASSES_DEVICE_GET_COMMAND                                             \
	CLASSES_DEVICE "10GetCommandElPP11VDC_Command"
#define CLASSES_DEVICE_COMPLETE_COMMAND                                        \
	CLASSES_DEVICE "15CompleteCommandEP11VDC_Commandiml"

#endif
