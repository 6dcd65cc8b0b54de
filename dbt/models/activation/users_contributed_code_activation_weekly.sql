{{ activation(fact="users_contributed_code", grain="weekly") }}
