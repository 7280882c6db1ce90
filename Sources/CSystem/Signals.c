#include "CSystem.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

static volatile sig_atomic_t received = 0;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int users = 0;
static struct sigaction former_int, former_term;

// Only what is safe in a handler: a store, sigaction and raise.
static void on_signal(int number) {
  if (received) {
    struct sigaction standard;
    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    sigaction(number, &standard, 0);
    raise(number);
    return;
  }
  received = number;
}

void striate_signals_install(void) {
  pthread_mutex_lock(&lock);
  if (users++ == 0) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    received = 0;
    sigaction(SIGINT, &action, &former_int);
    sigaction(SIGTERM, &action, &former_term);
  }
  pthread_mutex_unlock(&lock);
}

void striate_signals_restore(void) {
  pthread_mutex_lock(&lock);
  if (users > 0 && --users == 0) {
    sigaction(SIGINT, &former_int, 0);
    sigaction(SIGTERM, &former_term, 0);
    received = 0;
  }
  pthread_mutex_unlock(&lock);
}

int striate_signal_received(void) { return (int)received; }
