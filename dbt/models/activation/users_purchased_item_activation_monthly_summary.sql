{{ activation_summary(fact="users_purchased_item", grain="monthly") }}
