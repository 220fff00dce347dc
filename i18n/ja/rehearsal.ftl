# rehearsal
