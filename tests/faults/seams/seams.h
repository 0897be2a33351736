/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULTS_SEAMS_SEAMS_H
#define TESTS_FAULTS_SEAMS_SEAMS_H

#include "job/job.h"
#include "provider/provider.h"
#include "sql/session.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Faults at the seams of a job: a provider and a session that stand before
 * the real ones, count every call, and let the Nth of one kind go wrong.
 *
 *     seams_init -> faults, script -> a job with seams_provider() and
 *     seams_session -> what was seen -> seams_init ...
 *
 * One job at a time; the job's threads call, the test sets up and looks.
 */

enum seam_call {
	SEAM_SET_NEW,
	SEAM_CREATE,
	SEAM_CONFIGURATION,
	SEAM_OPEN,
	SEAM_NEXT,
	SEAM_COMPLETE,
	SEAM_SIGNAL_ABORT,
	SEAM_CLOSE,
	SEAM_CONNECT,
	SEAM_BEGIN,
	SEAM_POLL,
	SEAM_MESSAGE, /* the server's nth message is about to be heard */
	SEAM_CANCEL
};
#define SEAM_CALLS (SEAM_CANCEL + 1)

/* What goes wrong. */
enum seam_trick {
	/* Of the provider: */
	SEAM_REFUSE,     /* the call is not made; it answers with the status */
	SEAM_MAKE_FAIL,  /* it is made, and answers with the status */
	SEAM_HANG,       /* open: it waits until the set is aborted */
	/* connect: */
	SEAM_NOBODY,     /* nobody listens */
	SEAM_LOGIN,      /* 18456 */
	/* begin: */
	SEAM_REFUSED,    /* 262 at once */
	SEAM_REFUSED_LATER, /* the statement is not sent, and polls bring 911 */
	/* poll: */
	SEAM_LOST,       /* the conversation breaks */
	SEAM_OVER,       /* the statement ends without a word */
	SEAM_LIE,        /* 3014, while the statement runs on */
	SEAM_FAILED,     /* 3271 and the end, while the statement runs on */
	SEAM_SILENT,     /* nothing is heard any more */
	/* message: */
	SEAM_ERROR_FIRST, /* an error comes before it */
	SEAM_ERROR_AFTER, /* an error comes after it */
	SEAM_CONFIRMED_FIRST, /* 3014 comes before it */
	SEAM_UNHEARD,    /* it is not heard */
	/* cancel: */
	SEAM_DEAF        /* nothing comes of it */
};

#define SEAM_ERROR 3271 /* the error that tricks make up */

struct seam_fault {
	enum seam_call call;
	unsigned nth;   /* from 1 */
	bool from_on;   /* and every later one as well */
	enum seam_trick trick;
	vd_status status;
};

/*
 * Changes what the devices of a set hear.  heard gets each answer of
 * get_command, for one device at a time, with the number of the command it
 * brings; it may put another status or command in its place.  Commands that
 * seams_command made up are answered to the script alone.
 */
struct seam_script {
	/* May change what the server has decided. */
	void (*decided)(struct VDConfig *config);
	vd_status (*heard)(unsigned device, unsigned nth, vd_status status,
	    struct VDC_Command **command);
};

void seams_init(void);
void seams_fail(const struct seam_fault *fault);
void seams_play(const struct seam_script *script);
/* At the nth call of that kind, before it is made. */
void seams_then(enum seam_call call, unsigned nth, void (*act)(void));

const struct provider_ops *seams_provider(void);
job_session_maker seams_session;

/* Whether the first fault has come to its place. */
bool seams_have_fired(void);
unsigned seams_count(enum seam_call call);
const char *seams_call_name(enum seam_call call);
/* The number of the message that the trick was played on. */
int seams_message(void);
/* Whether the server's own 3014 was let through. */
bool seams_have_confirmed(void);

/* Put a changed one in a real command's place; the real one is answered by
 * the answer to it.  real NULL: made up. */
struct VDC_Command *seams_command(const struct VDC_Command *shown,
    struct VDC_Command *real);
/* The answer to the last made-up command; UINT32_MAX: none yet. */
uint32_t seams_answer(void);

/* Two devices meet here, so that they fail at once; bounded. */
void seams_meet(unsigned devices);

/* Counts a call; the fault that is due there, or NULL. */
const struct seam_fault *seams_due(enum seam_call call);
void seams_note_message(int number);
void seams_note_confirmed(void);
/* Like a call that waits: until time is up or the set is aborted. */
vd_status seams_wait(int64_t timeout_ms);
void seams_note_abort(void);

#endif
