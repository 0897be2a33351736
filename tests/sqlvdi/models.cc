/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of the vendor's interface on Linux, in the models that its
 * reference knows (spec 15.1):
 *
 *     models MODEL {backup|restore} DATABASE DEVICES FILE
 *
 *     single      one device, one thread
 *     threads     a thread for each device, which opens it
 *     processes   a process for each device; the first one has none
 *     helper      one device; another process moves the data
 *     delete      one device; the client deletes the device object, before
 *                 Close, after it, and after the set itself
 *     fork        a child of fork ends with its parent's objects
 *
 * Says on standard output what it and the server did; ends with 0 if the
 * transfer was whole and the statement succeeded.
 */

#include "client.h"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#define COMMAND_MS 60000
#define FOR_EVER (-1)

static ClientVirtualDevice *
open(ClientVirtualDeviceSet &set, const std::string &name)
{
	ClientVirtualDevice *device = nullptr;
	int status = set.OpenDevice(chars(name), &device);

	say("OpenDevice", status);
	return (status == VD_NOERROR ? device : nullptr);
}

static bool
close(ClientVirtualDeviceSet &set)
{
	int status = set.Close();

	say("Close", status);
	return (status == VD_NOERROR);
}

static bool
run_single(const Job &job)
{
	std::unique_ptr<ClientVirtualDeviceSet> set(
	    new ClientVirtualDeviceSet());
	std::string name = unique_name();
	ClientVirtualDevice *device;
	bool good = false;

	if (create(*set, name, 1) != VD_NOERROR)
		return (false);
	Statement statement(job, name);
	if (configure(*set, statement) &&
	    (device = open(*set, name)) != nullptr)
		good = transfer(*device, job.is_backup, job.file);
	good = close(*set) && good;
	return (statement.finish() && good);
}

/* Which way the data go is what the configuration says. */
static bool
serve_device(ClientVirtualDeviceSet &set, const std::string &name,
    const std::string &file)
{
	ClientVirtualDevice *device = open(set, name);
	VDConfig config;

	return (device != nullptr &&
	    set.GetConfiguration(FOR_EVER, &config) == VD_NOERROR &&
	    transfer(*device, (config.features & VDF_WriteMedia) != 0, file));
}

static bool
run_threads(const Job &job)
{
	ClientVirtualDeviceSet set;
	std::string name = unique_name();
	std::vector<std::thread> threads;
	std::vector<char> results(job.devices);
	bool good = true;

	if (create(set, name, job.devices) != VD_NOERROR)
		return (false);
	Statement statement(job, name);
	if (configure(set, statement)) {
		for (unsigned i = 0; i < job.devices; i++)
			threads.emplace_back([&, i] {
				results[i] = serve_device(set,
				    device_name(name, i), file_name(job, i));
				if (!results[i])
					set.SignalAbort();
			});
	}
	for (auto &thread : threads)
		thread.join();
	for (char result : results)
		good = good && result;
	good = close(set) && good;
	return (statement.finish() && good);
}

static int
secondary(const std::string &name, unsigned index, const std::string &file)
{
	ClientVirtualDeviceSet set;
	int status = set.OpenInSecondary(chars(name));
	bool good = false;

	say("OpenInSecondary", status);
	if (status != VD_NOERROR)
		return (EXIT_FAILURE);
	good = serve_device(set, device_name(name, index), file);
	if (!good)
		set.SignalAbort();
	return (close(set) && good ? EXIT_SUCCESS : EXIT_FAILURE);
}

static bool
run_processes(const Job &job)
{
	ClientVirtualDeviceSet set;
	std::string name = unique_name();
	unsigned started = 0;
	pid_t child, group = 0;
	bool good;
	int status;

	if (create(set, name, job.devices) != VD_NOERROR)
		return (false);
	Statement statement(job, name);
	good = configure(set, statement);
	for (unsigned i = 0; good && i < job.devices; i++) {
		std::string index = std::to_string(i);
		std::string file = file_name(job, i);
		const char *arguments[] = { "models", "secondary",
			name.c_str(), index.c_str(), file.c_str(), nullptr };

		child = start_self(arguments, group);
		good = child > 0;
		started += good;
		if (i == 0)
			group = child;
	}
	if (!good)
		set.SignalAbort();
	/* In the order of their ends: one that failed holds up the others. */
	for (; started > 0; started--)
		if (::waitpid(-group, &status, 0) == -1 || status != 0) {
			good = false;
			set.SignalAbort();
		}
	good = close(set) && good;
	return (statement.finish() && good);
}

/* What the receiver of the commands and the mover of the data exchange. */
struct Order {
	int code;
	int size;
	unsigned handle;
};

static int
helper(const std::string &name, bool is_backup, const std::string &file)
{
	ClientVirtualDeviceSet set;
	FILE *media = std::fopen(file.c_str(), is_backup ? "wb" : "rb");
	Order order;
	bool good = media != nullptr &&
	    set.OpenInSecondary(chars(name)) == VD_NOERROR;

	while (good && ::read(STDIN_FILENO, &order, sizeof(order)) ==
	    static_cast<ssize_t>(sizeof(order))) {
		uint8_t *buffer = nullptr;
		size_t size = static_cast<size_t>(order.size), bytes = 0;

		good = set.MapBufferHandle(static_cast<int>(order.handle),
		    &buffer) == VD_NOERROR;
		if (good && order.code == VDC_Write)
			bytes = std::fwrite(buffer, 1, size, media);
		else if (good)
			bytes = std::fread(buffer, 1, size, media);
		good = good && ::write(STDOUT_FILENO, &bytes,
		    sizeof(bytes)) == static_cast<ssize_t>(sizeof(bytes));
	}
	if (media != nullptr && std::fclose(media) != 0)
		good = false;
	return (set.Close() == VD_NOERROR && good ? EXIT_SUCCESS :
	    EXIT_FAILURE);
}

/* Have the helper move a command's data. */
static bool
delegate(ClientVirtualDeviceSet &set, const VDC_Command &command, int to,
    int from, size_t &bytes)
{
	Order order = { command.commandCode, command.size, 0 };

	return (set.GetBufferHandle(command.buffer, &order.handle) ==
	    VD_NOERROR &&
	    ::write(to, &order, sizeof(order)) ==
	    static_cast<ssize_t>(sizeof(order)) &&
	    ::read(from, &bytes, sizeof(bytes)) ==
	    static_cast<ssize_t>(sizeof(bytes)));
}

static bool
receive(ClientVirtualDeviceSet &set, ClientVirtualDevice &device, int to,
    int from)
{
	VDC_Command *command;
	int status;

	while ((status = device.GetCommand(COMMAND_MS, &command)) == 0) {
		size_t bytes = 0;
		int code = ERROR_SUCCESS;

		switch (command->commandCode) {
		case VDC_Read:
		case VDC_Write:
			if (!delegate(set, *command, to, from, bytes))
				return (false);
			if (bytes < static_cast<size_t>(command->size))
				code = command->commandCode == VDC_Read ?
				    ERROR_HANDLE_EOF : ERROR_DISK_FULL;
			break;
		case VDC_Flush:
		case VDC_ClearError:
			break;
		default:
			code = ERROR_NOT_SUPPORTED;
		}
		if (device.CompleteCommand(command, code, bytes, 0) != 0)
			return (false);
	}
	say("the last command", status);
	return (status == VD_E_CLOSE);
}

static pid_t
start_helper(const std::string &name, const Job &job, int &to, int &from)
{
	const char *arguments[] = { "models", "helper", name.c_str(),
		job.is_backup ? "backup" : "restore", job.file.c_str(),
		nullptr };
	int down[2], up[2], saved_in, saved_out;
	pid_t child;

	if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0)
		return (-1);
	std::fflush(stdout);
	saved_in = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	saved_out = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	::dup2(down[0], STDIN_FILENO);
	::dup2(up[1], STDOUT_FILENO);
	child = start_self(arguments, -1);
	::dup2(saved_in, STDIN_FILENO);
	::dup2(saved_out, STDOUT_FILENO);
	for (int fd : { saved_in, saved_out, down[0], up[1] })
		::close(fd);
	to = down[1];
	from = up[0];
	return (child);
}

static bool
run_helper(const Job &job)
{
	ClientVirtualDeviceSet set;
	std::string name = unique_name();
	ClientVirtualDevice *device;
	int to = -1, from = -1;
	bool good = false;

	if (create(set, name, 1) != VD_NOERROR)
		return (false);
	Statement statement(job, name);
	if (configure(set, statement) &&
	    (device = open(set, name)) != nullptr) {
		/* Only now, when every device is open. */
		pid_t child = start_helper(name, job, to, from);

		good = child > 0 && receive(set, *device, to, from);
		::close(to);
		good = wait_for(child) && good;
		::close(from);
	}
	good = close(set) && good;
	return (statement.finish() && good);
}

static bool
delete_at(const Job &job, int when)
{
	ClientVirtualDeviceSet *set = new ClientVirtualDeviceSet();
	std::string name = unique_name();
	ClientVirtualDevice *device = nullptr;
	VDC_Command *command;
	bool good = false;

	if (create(*set, name, 1) != VD_NOERROR)
		return (false);
	Statement statement(job, name);
	if (configure(*set, statement) &&
	    (device = open(*set, name)) != nullptr)
		good = transfer(*device, job.is_backup, job.file);
	if (when == 0)
		delete device;
	good = close(*set) && good;
	if (when == 1)
		delete device;
	/* Nobody deletes it at 3. */
	delete set;
	if (when >= 2 && device->GetCommand(0, &command) != VD_E_PROTOCOL)
		good = false;
	if (when == 2)
		delete device;
	return (statement.finish() && good);
}

static bool
run_delete(const Job &job)
{
	bool good = true;

	for (int when = 0; when < 4; when++)
		good = delete_at(job, when) && good;
	return (good);
}

/* A child that leaves by exit destroys copies of its parent's objects. */
static bool
run_fork(const Job &job)
{
	std::unique_ptr<ClientVirtualDeviceSet> set(
	    new ClientVirtualDeviceSet());
	std::string name = unique_name();
	ClientVirtualDevice *device;
	VDC_Command *command;
	bool good = false;
	pid_t child;

	if (create(*set, name, 1) != VD_NOERROR)
		return (false);
	Statement statement(job, name);
	if (configure(*set, statement) &&
	    (device = open(*set, name)) != nullptr) {
		child = ::fork();
		if (child == 0) {
			good = device->GetCommand(0, &command) ==
			    VD_E_PROTOCOL &&
			    set->SignalAbort() == VD_E_PROTOCOL &&
			    set->Close() == VD_E_PROTOCOL;
			set->~ClientVirtualDeviceSet();
			device->~ClientVirtualDevice();
			ClientVirtualDeviceSet own;
			good = good && create(own, unique_name(), 1) ==
			    VD_NOERROR && own.Close() == VD_NOERROR;
			::_exit(good ? EXIT_SUCCESS : EXIT_FAILURE);
		}
		good = wait_for(child) &&
		    transfer(*device, job.is_backup, job.file);
	}
	good = close(*set) && good;
	return (statement.finish() && good);
}

static const struct {
	const char *name;
	bool (*run)(const Job &job);
} models[] = {
	{ "single", run_single },
	{ "threads", run_threads },
	{ "processes", run_processes },
	{ "helper", run_helper },
	{ "delete", run_delete },
	{ "fork", run_fork },
};

int
main(int argc, char **argv)
{
	const char *mask = std::getenv("TEST_UMASK");

	/* Objects are to be shared with a server under another user. */
	::umask(mask != nullptr ?
	    static_cast<mode_t>(std::strtoul(mask, nullptr, 8)) : 0);
	if (argc == 5 && std::strcmp(argv[1], "secondary") == 0)
		return (secondary(argv[2],
		    static_cast<unsigned>(std::stoul(argv[3])), argv[4]));
	if (argc == 5 && std::strcmp(argv[1], "helper") == 0)
		return (helper(argv[2], std::strcmp(argv[3], "backup") == 0,
		    argv[4]));
	if (argc == 6)
		for (const auto &model : models)
			if (std::strcmp(argv[1], model.name) == 0)
				return (model.run({ std::strcmp(argv[2],
				    "backup") == 0, argv[3],
				    static_cast<unsigned>(std::stoul(argv[4])),
				    argv[5] }) ? EXIT_SUCCESS : EXIT_FAILURE);
	std::fprintf(stderr, "usage: models MODEL {backup|restore} DATABASE "
	    "DEVICES FILE\n");
	return (2);
}
