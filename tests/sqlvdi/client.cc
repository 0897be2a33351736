/* SPDX-License-Identifier: Apache-2.0 */

#include "client.h"

#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

/* A client that waits for ever would hang a test; the reference's samples do
 * that, and this one takes long enough for a busy machine. */
#define COMMAND_MS 60000
#define CONFIGURE_MS 250

std::string
unique_name()
{
	char text[40] = "";
	FILE *from = std::fopen("/proc/sys/kernel/random/uuid", "r");

	if (from == nullptr || std::fgets(text, sizeof(text), from) == nullptr)
		std::perror("a UUID");
	if (from != nullptr)
		std::fclose(from);
	text[std::strcspn(text, "\n")] = '\0';
	return (text);
}

std::string
device_name(const std::string &set, unsigned index)
{
	return (index == 0 ? set : set + std::to_string(index));
}

std::string
file_name(const Job &job, unsigned index)
{
	return (index == 0 ? job.file :
	    job.file + "." + std::to_string(index + 1));
}

Statement::Statement(const Job &job, const std::string &set)
{
	std::string text = job.is_backup ? "BACKUP" : "RESTORE";

	text += " DATABASE " + job.database;
	for (unsigned i = 0; i < job.devices; i++) {
		text += i > 0 ? ", " : job.is_backup ? " TO " : " FROM ";
		text += "VIRTUAL_DEVICE='" + device_name(set, i) + "'";
	}
	text += job.is_backup ? " WITH FORMAT" : " WITH REPLACE";
	text += ", MAXTRANSFERSIZE=1048576";
	text = "sqlcmd -b -S . -U sa -P secret -Q \"" + text + "\"";
	std::fflush(stdout);
	pipe = ::popen(text.c_str(), "r");
	if (pipe == nullptr)
		std::perror("sqlcmd");
}

Statement::~Statement()
{
	(void)finish();
}

bool
Statement::is_over() const
{
	struct pollfd end = { pipe != nullptr ? ::fileno(pipe) : -1, POLLIN,
		0 };

	return (pipe == nullptr || (::poll(&end, 1, 0) == 1 &&
	    (end.revents & POLLHUP) != 0));
}

bool
Statement::finish()
{
	char line[1024];
	int status;

	if (pipe == nullptr)
		return (false);
	while (std::fgets(line, sizeof(line), pipe) != nullptr)
		std::fputs(line, stdout);
	status = ::pclose(pipe);
	pipe = nullptr;
	std::printf("sqlcmd: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) :
	    -1);
	return (status == 0);
}

int
create(ClientVirtualDeviceSet &set, const std::string &name, unsigned devices)
{
	VDConfig config, before;
	int status;

	std::memset(&config, 0, sizeof(config));
	config.deviceCount = devices;
	if (std::getenv("TEST_FEATURES") != nullptr)
		config.features = static_cast<uint32_t>(
		    std::stoul(std::getenv("TEST_FEATURES"), nullptr, 16));
	before = config;
	status = set.Create(chars(name), &config);
	say("Create", status);
	/* The configuration is the client's own. */
	if (std::memcmp(&config, &before, sizeof(config)) != 0) {
		std::printf("Create has changed the configuration\n");
		return (VD_E_INVALID);
	}
	return (status);
}

bool
configure(ClientVirtualDeviceSet &set, const Statement &statement)
{
	VDConfig config;
	int status;
	bool over;

	do {
		over = statement.is_over();
		status = set.GetConfiguration(CONFIGURE_MS, &config);
	} while (status == VD_E_TIMEOUT && !over);
	say("GetConfiguration", status);
	return (status == VD_NOERROR);
}

static int
execute(const VDC_Command &command, FILE *file, size_t &bytes)
{
	size_t size = static_cast<size_t>(command.size);

	switch (command.commandCode) {
	case VDC_Read:
		bytes = std::fread(command.buffer, 1, size, file);
		return (bytes == size ? ERROR_SUCCESS : ERROR_HANDLE_EOF);
	case VDC_Write:
		bytes = std::fwrite(command.buffer, 1, size, file);
		return (bytes == size ? ERROR_SUCCESS : ERROR_DISK_FULL);
	case VDC_Flush:
		return (std::fflush(file) == 0 ? ERROR_SUCCESS :
		    ERROR_DISK_FULL);
	case VDC_ClearError:
		return (ERROR_SUCCESS);
	case VDC_Complete:
		std::printf("VDC_Complete\n");
		return (::fsync(::fileno(file)) == 0 ? ERROR_SUCCESS :
		    ERROR_DISK_FULL);
	default:
		return (ERROR_NOT_SUPPORTED);
	}
}

bool
transfer(ClientVirtualDevice &device, bool is_backup, const std::string &name)
{
	FILE *file = std::fopen(name.c_str(), is_backup ? "wb" : "rb");
	VDC_Command *command;
	int status;

	if (file == nullptr) {
		std::printf("%s: cannot be opened\n", name.c_str());
		return (false);
	}
	while ((status = device.GetCommand(COMMAND_MS, &command)) == 0) {
		size_t bytes = 0;
		int code = execute(*command, file, bytes);

		status = device.CompleteCommand(command, code, bytes, 0);
		if (status != 0)
			break;
	}
	say("the last command", status);
	return (std::fclose(file) == 0 && status == VD_E_CLOSE);
}

void
say(const char *call, int status)
{
	std::printf("%s: 0x%08X\n", call, static_cast<unsigned>(status));
	std::fflush(stdout);
}

pid_t
start_self(const char *const *arguments, pid_t group)
{
	pid_t child;

	std::fflush(stdout);
	child = ::fork();
	if (child == 0) {
		if (group >= 0)
			(void)::setpgid(0, group);
		::execv("/proc/self/exe", const_cast<char **>(arguments));
		::_exit(127);
	}
	if (child == -1)
		std::perror("fork");
	/* Here as well, so that it is done whoever comes first. */
	else if (group >= 0)
		(void)::setpgid(child, group);
	return (child);
}

bool
wait_for(pid_t child)
{
	int status = -1;

	return (child > 0 && ::waitpid(child, &status, 0) == child &&
	    WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
