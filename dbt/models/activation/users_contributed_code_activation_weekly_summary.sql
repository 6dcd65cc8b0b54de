{{ activation_summary(fact="users_contributed_code", grain="weekly") }}
