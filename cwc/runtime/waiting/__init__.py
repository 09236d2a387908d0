"""What a run waits with: threads, the steps of a level, schedules, tools of the other colour."""
