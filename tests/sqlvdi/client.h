/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SQLVDI_CLIENT_H
#define TESTS_SQLVDI_CLIENT_H

#include "vdi_classes.h"

#include <cstdio>
#include <string>
#include <sys/types.h>

/*
 * What the models of the test client share (models.cc says which there are).
 * It works as a client that was written for the vendor's library does: a set
 * named by a UUID, the SQL sent through sqlcmd in a process of its own, files
 * through stdio.
 */

struct Job {
	bool is_backup;
	std::string database;
	unsigned devices;
	std::string file; /* the first device's; ".2" and so on for others */
};

/* A name that nobody else has, in the form of a UUID. */
std::string unique_name();
/* NAME, NAME1, NAME2 ... */
std::string device_name(const std::string &set, unsigned index);
std::string file_name(const Job &job, unsigned index);

/* Parameters of the library are char *, though it changes nothing. */
inline char *
chars(const std::string &text)
{
	return (const_cast<char *>(text.c_str()));
}

/* The statement, under way in a process of its own. */
class Statement {
public:
	Statement(const Job &job, const std::string &set);
	Statement(const Statement &) = delete;
	Statement &operator=(const Statement &) = delete;
	~Statement();
	/* It has ended, whatever it has to say. */
	bool is_over() const;
	/* Print what the server said; true: the statement succeeded. */
	bool finish();

private:
	FILE *pipe;
};

/* Create a set, with the features that TEST_FEATURES says (in hexadecimal);
 * without it, plain pipes. */
int create(ClientVirtualDeviceSet &set, const std::string &name,
    unsigned devices);

/* Wait until the server has configured the set, or its statement is over and
 * it never will. */
bool configure(ClientVirtualDeviceSet &set, const Statement &statement);

/* Execute the device's commands with a file until it is closed: true if
 * nothing went wrong.  The file is opened here; where that fails, no command
 * is read. */
bool transfer(ClientVirtualDevice &device, bool is_backup,
    const std::string &file);

/* What a call answered, on standard output: "Close: 0x8077000D". */
void say(const char *call, int status);

/* Start this program again, in a process group: 0 is one of its own, -1 this
 * process's. */
pid_t start_self(const char *const *arguments, pid_t group);
/* Its exit status is 0. */
bool wait_for(pid_t child);

#endif
