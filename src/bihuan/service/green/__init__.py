"""The green channel: for cases that the matrix calls so, an executive joins at once and other departments are asked to hold
goods or capacity. Each request is asked of somebody, has a due time and ends with an answer: granted, in part, or refused with
a reason. The schedule itself is the departments' own; nothing here moves it."""
