# charset
