"""The event stream: the journal pushed to whoever may hear it, by server-sent events, in a process and on a port of its own.

One connection listens for the bell, one question fetches what is new, one ring keeps it; each client is only a cursor.
"""
