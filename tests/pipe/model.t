#!/bin/sh
# two stages, the queues around them, and every order of what can happen
exec "${BUILD:-build}/tests/pipe/model/model"
